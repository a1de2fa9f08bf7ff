package dev.isostream.conformance.brokers;

import java.time.Duration;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisException;

/** Asks a Redis whether it serves. */
final class RedisReadiness {
  /** Is part of what a server logs when it takes connections, with its data loaded. */
  static final String READY = "Ready to accept connections";

  private RedisReadiness() {}

  /**
   * Returns when the server says that it takes connections, with its data loaded.
   *
   * <p>Fails: {@link BrokerUnavailableException} after the limit, or when it ends before.
   */
  static void await(ChildProcess server, Duration limit) {
    try {
      if (server.out().next(line -> line.contains(READY), limit).isEmpty()) {
        throw new BrokerUnavailableException(
            "Redis, " + server.state() + ", was not ready after " + limit.toSeconds() + " s");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while Redis started", interrupted);
    }
  }

  /** The server's release. */
  static String version(String address, Duration limit) {
    try (Jedis jedis = connect(address, limit)) {
      return jedis
          .info("server")
          .lines()
          .filter(line -> line.startsWith("redis_version:"))
          .map(line -> line.substring(line.indexOf(':') + 1))
          .findFirst()
          .orElse("unknown");
    } catch (JedisException silent) {
      throw new BrokerUnavailableException(
          "no Redis answers at " + address + " within " + limit.toSeconds() + " s", silent);
    }
  }

  private static Jedis connect(String address, Duration limit) {
    return new Jedis(
        HostAndPort.from(address),
        DefaultJedisClientConfig.builder()
            .protocol(RedisProtocol.RESP2)
            .timeoutMillis((int) limit.toMillis())
            .build());
  }
}
