package dev.isostream.conformance.brokers;

import java.time.Duration;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisException;

/** Asks a Redis whether it serves. */
final class RedisReadiness {
  private static final int ONE_TRY_MILLIS = 2_000;
  private static final int PAUSE_MILLIS = 20;

  private RedisReadiness() {}

  /** Returns when it answers. Fails: {@link BrokerUnavailableException} after the limit. */
  static void await(String address, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try (Jedis jedis = connect(address)) {
        jedis.ping();
        return;
      } catch (JedisException notYet) {
        if (System.nanoTime() - deadline > 0) {
          throw new BrokerUnavailableException(
              "the Redis at " + address + " did not answer within " + limit.toSeconds() + " s",
              notYet);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while Redis started", interrupted);
    }
  }

  /** The server's release. */
  static String version(String address, Duration limit) {
    await(address, limit);
    try (Jedis jedis = connect(address)) {
      return jedis
          .info("server")
          .lines()
          .filter(line -> line.startsWith("redis_version:"))
          .map(line -> line.substring(line.indexOf(':') + 1))
          .findFirst()
          .orElse("unknown");
    }
  }

  private static Jedis connect(String address) {
    return new Jedis(
        HostAndPort.from(address),
        DefaultJedisClientConfig.builder()
            .protocol(RedisProtocol.RESP2)
            .timeoutMillis(ONE_TRY_MILLIS)
            .build());
  }
}
