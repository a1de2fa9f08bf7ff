package dev.isostream.memory;

/**
 * Which partition a key belongs to: murmur2 of its bytes, without the sign, modulo the number of
 * partitions. The same as Kafka's, so that keys lie together in tests as they will in production.
 */
final class Partitioner {

  private static final int SEED = 0x9747b28c;
  private static final int M = 0x5bd1e995;
  private static final int R = 24;

  private Partitioner() {}

  static int partition(byte[] key, int partitions) {
    return (murmur2(key) & Integer.MAX_VALUE) % partitions;
  }

  static int murmur2(byte[] data) {
    int h = SEED ^ data.length;
    int whole = data.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      int k =
          (data[i] & 0xff)
              | ((data[i + 1] & 0xff) << 8)
              | ((data[i + 2] & 0xff) << 16)
              | ((data[i + 3] & 0xff) << 24);
      k *= M;
      k ^= k >>> R;
      k *= M;
      h = (h * M) ^ k;
    }
    int rest = data.length - whole;
    if (rest > 0) {
      for (int i = rest - 1; i >= 0; i--) {
        h ^= (data[whole + i] & 0xff) << (8 * i);
      }
      h *= M;
    }
    h ^= h >>> 13;
    h *= M;
    return h ^ (h >>> 15);
  }
}
