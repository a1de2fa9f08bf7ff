package dev.isostream.redis;

/** Reads the lanes that it is told to; belongs to no group and leaves no trace. */
final class RedisReader extends RedisSource {

  private static final int MOST_RECORDS = 500;
  private static final int MOST_BYTES = 8 << 20;

  RedisReader(RedisTopic topic, RedisServers servers) {
    super(topic, servers, null, MOST_RECORDS, MOST_BYTES);
  }
}
