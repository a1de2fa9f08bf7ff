package dev.isostream.redis;

import dev.isostream.Limits;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;

/** The backend's numbers, and whether the server keeps what it confirms. Thread-safe. */
final class RedisLimits {

  static final int OPEN_WINDOW = 4096;

  /** What the engine's state may take; most often it takes some hundred. */
  static final int CURSOR_BYTES = 200_000;

  private static final int OLDEST_VERSION = 7;
  private static final Duration GROUP_RETENTION = Duration.ofDays(3650);
  private static final Duration RECONNECT_TIME = Duration.ofSeconds(10);

  private final RedisServers servers;
  private volatile @Nullable Map<String, String> known;

  RedisLimits(RedisServers servers) {
    this.servers = servers;
  }

  /** Blocks once, for the request timeout at most. */
  Limits get() {
    RedisConfig config = servers.config();
    return Limits.builder()
        .maxMessageBytes(config.maxMessageBytes())
        .maxKeyBytes(config.maxMessageBytes())
        .openWindow(OPEN_WINDOW)
        .duplicateWindow(0)
        .groupRetention(GROUP_RETENTION)
        .failoverTime(config.failoverTime())
        .reconnectTime(RECONNECT_TIME)
        .ackLossOnBrokerCrash(ackLoss())
        .timestampSource(Limits.TimestampSource.BROKER)
        .build();
  }

  private Duration ackLoss() {
    Map<String, String> server;
    try {
      server = server();
    } catch (JedisException | DriverException e) {
      server = Map.of();
    }
    if (server.getOrDefault("aof_enabled", "1").equals("0")) {
      return Duration.ofDays(1);
    }
    return switch (server.getOrDefault("appendfsync", "everysec")) {
      case "always" -> Duration.ZERO;
      case "everysec" -> Duration.ofSeconds(2);
      default -> Duration.ofMinutes(1);
    };
  }

  /**
   * Refuses a server that can't keep the contract, and warns once of one that loses what it
   * confirms. Blocks once.
   */
  void check() {
    Map<String, String> server = server();
    String version = server.getOrDefault("redis_version", "");
    int dot = version.indexOf('.');
    if (dot > 0 && Integer.parseInt(version.substring(0, dot)) < OLDEST_VERSION) {
      throw new DriverException(
          ErrorKind.INVALID,
          "The server is Redis " + version + "; allowed are Redis 7.0 and newer, and Valkey.",
          null);
    }
    String policy = server.getOrDefault("maxmemory_policy", "noeviction");
    if (!policy.equals("noeviction")) {
      throw new DriverException(
          ErrorKind.INVALID,
          "The server's maxmemory-policy is "
              + policy
              + ", by which it deletes messages when its memory is full; allowed is noeviction.",
          null);
    }
  }

  private Map<String, String> server() {
    Map<String, String> found = known;
    if (found == null) {
      synchronized (this) {
        found = known;
        if (found == null) {
          found = ask();
          known = found;
          warn(found);
        }
      }
    }
    return found;
  }

  private Map<String, String> ask() {
    byte[] any = RedisKeys.bytes(servers.config().keyPrefix() + ":topics");
    List<@Nullable Object> replies =
        servers.run(
            List.of(
                new RedisRequest(any, Protocol.Command.INFO, new byte[0][], null),
                new RedisRequest(
                    any,
                    Protocol.Command.CONFIG,
                    new byte[][] {RedisKeys.bytes("GET"), RedisKeys.bytes("appendfsync")},
                    null)));
    Map<String, String> all = new HashMap<>();
    // who may not ask is told nothing; the defaults are taken then
    if (replies.get(0) instanceof byte[] info) {
      for (String line : RedisReply.text(info).split("\r?\n", -1)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          all.put(line.substring(0, colon), line.substring(colon + 1));
        }
      }
    }
    if (replies.get(1) instanceof List<?> pair && pair.size() == 2) {
      all.put("appendfsync", RedisReply.text(pair.get(1)));
    }
    return all;
  }

  private void warn(Map<String, String> server) {
    boolean isLossy =
        server.getOrDefault("aof_enabled", "1").equals("0")
            || server.getOrDefault("appendfsync", "everysec").equals("no");
    if (isLossy) {
      System.getLogger(RedisLimits.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "The Redis server at "
                  + servers.config().address()
                  + " loses messages that it has confirmed when it crashes: appendonly is "
                  + (server.getOrDefault("aof_enabled", "1").equals("0") ? "no" : "yes")
                  + ", appendfsync is "
                  + server.getOrDefault("appendfsync", "not known")
                  + ". Set appendonly to yes, and appendfsync to everysec or always.");
    }
  }
}
