package dev.isostream.benchmarks.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import redis.clients.jedis.Jedis;

/** A topic's streams, as Isostream lays them out. Immutable; arrays must not be changed. */
record Streams(List<byte[]> names) {

  static final byte[] KEY = {'k'};
  static final byte[] PAYLOAD = {'p'};

  /** Asks how many there are. */
  static Streams of(Jedis jedis, String topic) {
    int partitions = Integer.parseInt(jedis.hget("isostream:topic:" + topic, "partitions"));
    List<byte[]> names = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      names.add(("isostream:{" + topic + ":" + i + "}").getBytes(StandardCharsets.UTF_8));
    }
    return new Streams(names);
  }

  /** Where messages of a key are. */
  byte[] of(byte[] key) {
    CRC32 hash = new CRC32();
    hash.update(key);
    return names.get((int) (hash.getValue() % names.size()));
  }
}
