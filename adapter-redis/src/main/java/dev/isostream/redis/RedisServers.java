package dev.isostream.redis;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.exceptions.JedisRedirectionException;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.clients.jedis.providers.SentineledConnectionProvider;
import redis.clients.jedis.util.JedisClusterCRC16;
import redis.clients.jedis.util.Pool;

/** Connections to the servers, wherever they are, and requests over them. Thread-safe. */
final class RedisServers implements AutoCloseable {

  /** Stands for the one server that has everything. */
  private static final HostAndPort THE_ONE = new HostAndPort("master", 0);

  private final RedisConfig config;
  private final Executor blocking;
  private final Object lock = new Object();
  private @Nullable ConnectionProvider provider;
  private volatile boolean closed;

  RedisServers(RedisConfig config, Executor blocking) {
    this.config = config;
    this.blocking = blocking;
  }

  RedisConfig config() {
    return config;
  }

  private ConnectionProvider provider() {
    synchronized (lock) {
      if (closed) {
        throw new DriverException(ErrorKind.CLOSED, "The connection to Redis was closed.", null);
      }
      ConnectionProvider known = provider;
      if (known == null) {
        known = open();
        provider = known;
      }
      return known;
    }
  }

  private ConnectionProvider open() {
    return switch (config.mode()) {
      case STANDALONE ->
          new PooledConnectionProvider(
              config.servers().iterator().next(), config.client(), RedisConfig.pool());
      case SENTINEL ->
          new SentineledConnectionProvider(
              config.sentinelMaster(),
              config.client(),
              RedisConfig.pool(),
              config.servers(),
              config.sentinel());
      case CLUSTER ->
          new ClusterConnectionProvider(config.servers(), config.client(), RedisConfig.pool());
    };
  }

  boolean isCluster() {
    return config.mode() == RedisConfig.Mode.CLUSTER;
  }

  /** The server that has a key, as far as is known. May wait for one to say so. */
  HostAndPort server(byte[] key) {
    if (provider() instanceof ClusterConnectionProvider cluster) {
      HostAndPort node = cluster.getNode(JedisClusterCRC16.getSlot(key));
      if (node == null) {
        cluster.renewSlotCache();
        node = cluster.getNode(JedisClusterCRC16.getSlot(key));
      }
      if (node == null) {
        throw new JedisConnectionException("no server of the cluster has the slot");
      }
      return node;
    }
    return THE_ONE;
  }

  /** A connection for the caller alone, until it is closed. */
  Connection connection(HostAndPort server) {
    try {
      ConnectionProvider from = provider();
      return from instanceof ClusterConnectionProvider cluster
          ? cluster.getConnection(server)
          : from.getConnection();
    } catch (JedisConnectionException e) {
      forget();
      throw e;
    }
  }

  /** As {@link #connection}, with the server keeping track of what is read; not from the pool. */
  RedisTracking tracking(HostAndPort server) {
    try {
      return new RedisTracking(server, config.tracking());
    } catch (JedisConnectionException e) {
      forget();
      throw e;
    }
  }

  /**
   * Connections that lie idle are most likely as dead as the one that failed, and slots may be
   * elsewhere.
   */
  void forget() {
    ConnectionProvider from;
    synchronized (lock) {
      from = provider;
    }
    if (from == null || closed) {
      return;
    }
    for (Object pool : from.getConnectionMap().values()) {
      if (pool instanceof Pool<?> known) {
        known.clear();
      }
    }
    if (from instanceof ClusterConnectionProvider cluster) {
      try {
        cluster.renewSlotCache();
      } catch (JedisException e) {
        System.getLogger(RedisServers.class.getName())
            .log(System.Logger.Level.DEBUG, "Asking for the cluster's slots failed", e);
      }
    }
  }

  /** Frees a connection that failed. */
  void discard(Connection connection) {
    connection.setBroken();
    try {
      connection.close();
    } catch (JedisException e) {
      // the pool makes another one in its place at once, which fails for the same reason
      System.getLogger(RedisServers.class.getName())
          .log(System.Logger.Level.DEBUG, "Replacing a connection failed", e);
    }
    forget();
  }

  // ---- requests

  /** Runs a task that may block, and tells how it ended. */
  <T extends @Nullable Object> CompletionStage<T> ask(String doing, Supplier<T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      blocking.execute(
          () -> {
            try {
              answer.complete(task.get());
            } catch (RuntimeException e) {
              answer.completeExceptionally(failure(doing, e));
            }
          });
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(RedisErrors.of(ErrorKind.CLOSED, doing, e));
    }
    return answer;
  }

  /** As {@link #ask}, for what has no answer. */
  CompletionStage<Void> tell(String doing, Runnable task) {
    return this.<@Nullable Void>ask(
        doing,
        () -> {
          task.run();
          return null;
        });
  }

  /** Runs a task that may block. */
  void execute(Runnable task) {
    blocking.execute(task);
  }

  /** Classified; whatever fails after close does so because of it. */
  DriverException failure(String doing, Throwable failure) {
    return closed
        ? RedisErrors.of(ErrorKind.CLOSED, doing, failure)
        : RedisErrors.translate(doing, failure);
  }

  /** One request. Blocks for the request timeout at most. */
  @Nullable Object run(RedisRequest request) {
    Object reply = run(List.of(request)).get(0);
    return reply == null ? null : RedisReply.checked(reply);
  }

  /**
   * Requests, those to one server in one go and in order. Blocks.
   *
   * @return the replies, errors of the server included, in the order of the requests
   */
  List<@Nullable Object> run(List<RedisRequest> requests) {
    return run(requests, false);
  }

  /**
   * As {@link #run(List)}.
   *
   * @param durably whether to wait for as many replicas as were asked for
   */
  List<@Nullable Object> run(List<RedisRequest> requests, boolean durably) {
    Map<HostAndPort, List<Integer>> byServer = new LinkedHashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      byServer.computeIfAbsent(server(requests.get(i).key()), s -> new ArrayList<>()).add(i);
    }
    @Nullable Object[] replies = new @Nullable Object[requests.size()];
    List<Integer> redirected = new ArrayList<>();
    byServer.forEach(
        (server, indexes) -> {
          List<@Nullable Object> some =
              runAt(server, indexes.stream().map(requests::get).toList(), durably);
          for (int i = 0; i < indexes.size(); i++) {
            replies[indexes.get(i)] = some.get(i);
            if (some.get(i) instanceof JedisRedirectionException) {
              redirected.add(indexes.get(i));
            }
          }
        });
    if (!redirected.isEmpty()) {
      forget();
      // not carried out, so they may be sent again
      for (int index : redirected) {
        RedisRequest request = requests.get(index);
        replies[index] = runAt(server(request.key()), List.of(request), durably).get(0);
      }
    }
    List<@Nullable Object> all = new ArrayList<>(replies.length);
    for (Object reply : replies) {
      all.add(reply);
    }
    return all;
  }

  private List<@Nullable Object> runAt(
      HostAndPort server, List<RedisRequest> requests, boolean durably) {
    Connection connection = connection(server);
    try {
      List<@Nullable Object> replies = run(connection, requests);
      if (durably && !replicated(connection, config.requestTimeout())) {
        throw new JedisConnectionException("fewer replicas than redis.wait.replicas have it");
      }
      connection.close();
      return replies;
    } catch (JedisException e) {
      discard(connection);
      throw e;
    }
  }

  /** As {@link #run(List)}, by this connection. */
  static List<@Nullable Object> run(Connection connection, List<RedisRequest> requests) {
    requests.forEach(request -> send(connection, request));
    List<@Nullable Object> replies = new ArrayList<>(connection.getMany(requests.size()));
    for (int i = 0; i < requests.size(); i++) {
      RedisScript script = requests.get(i).script();
      if (replies.get(i) instanceof JedisNoScriptException && script != null) {
        load(connection, script);
        send(connection, requests.get(i));
        replies.set(i, connection.getMany(1).get(0));
      }
    }
    return replies;
  }

  static void send(Connection connection, RedisRequest request) {
    connection.sendCommand(request.command(), request.arguments());
  }

  static void load(Connection connection, RedisScript script) {
    connection.sendCommand(Protocol.Command.SCRIPT, RedisKeys.bytes("LOAD"), script.text());
    RedisReply.bytes(connection.getMany(1).get(0));
  }

  /**
   * Waits until the replicas that were asked for have what this connection wrote. Blocks.
   *
   * @return whether they have
   */
  boolean replicated(Connection connection, Duration limit) {
    int wanted = config.waitReplicas();
    if (wanted == 0) {
      return true;
    }
    long millis = Math.max(1, limit.toMillis() / 2);
    connection.sendCommand(
        Protocol.Command.WAIT, Protocol.toByteArray(wanted), Protocol.toByteArray(millis));
    return RedisReply.number(connection.getMany(1).get(0)) >= wanted;
  }

  /** The native connections, for applications. */
  ConnectionProvider connections() {
    return provider();
  }

  @Override
  public void close() {
    ConnectionProvider open;
    synchronized (lock) {
      closed = true;
      open = provider;
      provider = null;
    }
    if (open != null) {
      try {
        open.close();
      } catch (Exception e) {
        System.getLogger(RedisServers.class.getName())
            .log(System.Logger.Level.DEBUG, "Closing connections failed", e);
      }
    }
  }
}
