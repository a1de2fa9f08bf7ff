package dev.isostream.redis;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.io.File;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/** What the native client is opened with: what was set, and its defaults. Immutable. */
final class RedisConfig {

  /** How the servers stand to each other. */
  enum Mode {
    STANDALONE,
    SENTINEL,
    CLUSTER
  }

  private static final String DEFAULT_PREFIX = "isostream";
  private static final String DEFAULT_FAILOVER = "10s";
  private static final int DEFAULT_MAX_MESSAGE_BYTES = 1 << 20;
  private static final int MAX_IDLE_CONNECTIONS = 8;

  private final DriverConfig config;

  RedisConfig(DriverConfig config) {
    this.config = config;
    if (mode() == Mode.SENTINEL && of(RedisProperties.SENTINEL_MASTER) == null) {
      throw invalid(
          "redis.mode=sentinel needs redis.sentinel.master, the name under which the sentinels know"
              + " the master.");
    }
    if (mode() == Mode.CLUSTER && database() != 0) {
      throw invalid("redis.database=" + database() + " can't be: a cluster has database 0 only.");
    }
    if (mode() == Mode.STANDALONE && servers().size() > 1) {
      throw invalid(
          "The address names "
              + servers().size()
              + " servers; set redis.mode to cluster or sentinel, or name one.");
    }
  }

  private static DriverException invalid(String message) {
    return new DriverException(ErrorKind.INVALID, message, null);
  }

  private @Nullable String of(String name) {
    return config.properties().get(name);
  }

  private String of(String name, String standard) {
    return config.properties().getOrDefault(name, standard);
  }

  String address() {
    return config.address();
  }

  String clientId() {
    return config.clientId();
  }

  Duration requestTimeout() {
    return config.requestTimeout();
  }

  int requestTimeoutMillis() {
    return millis(requestTimeout());
  }

  static int millis(Duration time) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, time.toMillis()));
  }

  Mode mode() {
    return switch (of(RedisProperties.MODE, "standalone")) {
      case "sentinel" -> Mode.SENTINEL;
      case "cluster" -> Mode.CLUSTER;
      default -> Mode.STANDALONE;
    };
  }

  /** The servers, or in that mode the sentinels, in the order of the address. */
  Set<HostAndPort> servers() {
    Set<HostAndPort> all = new LinkedHashSet<>();
    for (String one : config.address().split(",", -1)) {
      String server = one.strip();
      int colon = server.lastIndexOf(':');
      String host = server.substring(0, colon);
      boolean isBracketed = host.startsWith("[");
      all.add(
          new HostAndPort(
              isBracketed ? host.substring(1, host.length() - 1) : host,
              Integer.parseInt(server.substring(colon + 1))));
    }
    return all;
  }

  String sentinelMaster() {
    return of(RedisProperties.SENTINEL_MASTER, "");
  }

  String keyPrefix() {
    return of(RedisProperties.KEY_PREFIX, DEFAULT_PREFIX);
  }

  private int database() {
    return Integer.parseInt(of(RedisProperties.DATABASE, "0"));
  }

  /** After which a dead member is replaced; a lease lasts three quarters of it. */
  Duration failoverTime() {
    return RedisProperties.parseDuration(of(RedisProperties.FAILOVER_TIME, DEFAULT_FAILOVER));
  }

  /** How long a lease outlives its last renewal; the engine looks once in a third of it. */
  Duration leaseTime() {
    return failoverTime().multipliedBy(3).dividedBy(4);
  }

  /** After which a member that gives no sign of life does not count as live. */
  Duration signOfLife() {
    return failoverTime().dividedBy(2);
  }

  int maxMessageBytes() {
    String set = of(RedisProperties.MAX_MESSAGE_BYTES);
    return set == null ? DEFAULT_MAX_MESSAGE_BYTES : Integer.parseInt(set);
  }

  /** For topics that are created; empty for no bound. */
  String retentionLength() {
    return of(RedisProperties.RETENTION_LENGTH, "");
  }

  /** For topics that are created, in milliseconds; empty for no bound. */
  String retentionAgeMillis() {
    String set = of(RedisProperties.RETENTION_AGE);
    return set == null ? "" : Long.toString(RedisProperties.parseDuration(set).toMillis());
  }

  /** How many replicas have to have a write before it counts. */
  int waitReplicas() {
    return Integer.parseInt(of(RedisProperties.WAIT_REPLICAS, "0"));
  }

  boolean announces() {
    return of(RedisProperties.ANNOUNCE, "false").equals("true");
  }

  DefaultJedisClientConfig client() {
    return atServer().build();
  }

  /** For connections that get messages which they did not ask for. */
  DefaultJedisClientConfig tracking() {
    return atServer().protocol(RedisProtocol.RESP3).build();
  }

  private DefaultJedisClientConfig.Builder atServer() {
    return common(of(RedisProperties.USER), of(RedisProperties.PASSWORD))
        .database(database())
        .clientName(config.clientId().replaceAll("[^!-~]", "_"));
  }

  DefaultJedisClientConfig sentinel() {
    return common(of(RedisProperties.SENTINEL_USER), of(RedisProperties.SENTINEL_PASSWORD)).build();
  }

  private DefaultJedisClientConfig.Builder common(
      @Nullable String user, @Nullable String password) {
    DefaultJedisClientConfig.Builder builder =
        DefaultJedisClientConfig.builder()
            .protocol(RedisProtocol.RESP2)
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .timeoutMillis(requestTimeoutMillis());
    if (user != null) {
      builder.user(user);
    }
    if (password != null) {
      builder.password(password);
    }
    if (of(RedisProperties.TLS, "false").equals("true")) {
      builder.sslOptions(tls());
    }
    return builder;
  }

  private SslOptions tls() {
    SslOptions.Builder options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
    String trust = of(RedisProperties.TRUST_STORE);
    if (trust != null) {
      options.truststore(
          file(RedisProperties.TRUST_STORE, trust),
          of(RedisProperties.TRUST_STORE_PASSWORD, "").toCharArray());
    }
    String keys = of(RedisProperties.KEY_STORE);
    if (keys != null) {
      options.keystore(
          file(RedisProperties.KEY_STORE, keys),
          of(RedisProperties.KEY_STORE_PASSWORD, "").toCharArray());
    }
    return options.build();
  }

  private static File file(String property, String path) {
    File file = new File(path);
    if (!file.canRead()) {
      throw invalid("redis." + property + "=" + path + " is no file that can be read.");
    }
    return file;
  }

  /** No bound on connections: each sink and each source in use has its own. */
  static ConnectionPoolConfig pool() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(-1);
    pool.setMaxIdle(MAX_IDLE_CONNECTIONS);
    pool.setTestWhileIdle(false);
    pool.setJmxEnabled(false);
    return pool;
  }
}
