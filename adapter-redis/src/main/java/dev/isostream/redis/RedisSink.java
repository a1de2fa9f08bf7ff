package dev.isostream.redis;

import dev.isostream.Position;
import dev.isostream.redis.RedisAppend.Answer;
import dev.isostream.redis.RedisAppend.Part;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Appends in parts, each of one partition ({@link RedisAppend}), all of them sent before the first
 * is answered, on connections of its own. A part is stored only behind the parts of its append
 * before it, so none that fails is overtaken (contract P2).
 */
final class RedisSink implements Sink {

  /** So many messages without a key in a row go to one partition. */
  private static final int KEYLESS_RUN = 64;

  private final RedisTopic topic;
  private final RedisServers servers;
  private final SinkSpec spec;
  private final int timeoutMillis;
  private final RedisAppend parts;

  /** How many partitions there were from which number on; a record sent again goes where it was. */
  private final List<Route> routes = new ArrayList<>();

  /** The append's that runs. */
  private final Map<HostAndPort, Connection> connections = new HashMap<>();

  /** The highest number stored, by partition, where it is known; the append's that runs. */
  private final Map<Integer, Long> highs = new HashMap<>();

  /** Whether connections have to be made anew; the append's that runs. */
  private boolean stale;

  private final Object lock = new Object();
  private @Nullable Batch current;
  private boolean closed;

  private record Route(long from, int partitions) {}

  RedisSink(RedisTopic topic, RedisServers servers, SinkSpec spec) {
    this.topic = topic;
    this.servers = servers;
    this.spec = spec;
    this.timeoutMillis =
        Math.min(
            servers.config().requestTimeoutMillis(), RedisConfig.millis(spec.deliveryTimeout()));
    this.parts = new RedisAppend(topic, spec, servers.config().announces());
    routes.add(new Route(0, topic.partitions()));
  }

  /** One append, each record of which is decided once. */
  private final class Batch {
    final List<SinkRecord> records;
    private final boolean[] decided;
    private boolean written;

    Batch(List<? extends SinkRecord> records) {
      this.records = List.copyOf(records);
      this.decided = new boolean[records.size()];
    }

    private boolean claim(int index) {
      synchronized (lock) {
        boolean was = decided[index];
        decided[index] = true;
        return !was;
      }
    }

    void stored(int index, int partition, byte[] id) {
      if (claim(index)) {
        records.get(index).stored(new Stored(partition, id));
      }
    }

    void failed(int index, ErrorKind kind, boolean maybeStored, @Nullable Throwable cause) {
      if (claim(index)) {
        records.get(index).failed(kind, maybeStored, RedisErrors.of(kind, doing(), cause));
      }
    }

    void failRest(ErrorKind kind, @Nullable Throwable cause) {
      boolean maybe;
      synchronized (lock) {
        maybe = written;
      }
      for (int i = 0; i < decided.length; i++) {
        failed(i, kind, maybe, cause);
      }
    }

    void markWritten() {
      synchronized (lock) {
        written = true;
      }
    }
  }

  private final class Stored implements Supplier<CompletionStage<Position>> {
    private final int partition;
    private final byte[] id;

    Stored(int partition, byte[] id) {
      this.partition = partition;
      this.id = id;
    }

    @Override
    public CompletionStage<Position> get() {
      if (id.length == 0) { // a copy of one that was decided long ago
        return CompletableFuture.failedStage(
            RedisErrors.of(ErrorKind.UNAVAILABLE, "Asking for the position of a message", null));
      }
      return CompletableFuture.completedStage(topic.position(partition, RedisId.parse(id)));
    }
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    Batch batch = new Batch(records);
    boolean refused;
    synchronized (lock) {
      refused = closed;
      current = closed ? current : batch;
    }
    if (refused) {
      batch.failRest(ErrorKind.CLOSED, null);
      return;
    }
    try {
      servers.execute(() -> run(batch));
    } catch (RejectedExecutionException e) {
      batch.failRest(ErrorKind.CLOSED, e);
    }
  }

  private void run(Batch batch) {
    try {
      if (stale) {
        stale = false;
        discardAll();
      }
      send(batch);
    } catch (RuntimeException e) {
      stale = true;
      highs.clear();
      batch.failRest(kind(e), e);
    } finally {
      release(batch);
    }
  }

  private ErrorKind kind(Throwable failure) {
    synchronized (lock) {
      return closed ? ErrorKind.CLOSED : RedisErrors.kind(failure);
    }
  }

  /** After close the connections are the last append's to free. */
  private void release(Batch batch) {
    boolean last;
    synchronized (lock) {
      if (current == batch) { // else the next one runs already: all of this one is decided
        current = null;
      }
      last = closed && current == null;
    }
    if (last) {
      discardAll();
    }
  }

  private void discardAll() {
    List<Connection> all;
    synchronized (lock) {
      all = List.copyOf(connections.values());
      connections.clear();
    }
    all.forEach(servers::discard);
  }

  private void send(Batch batch) {
    Map<HostAndPort, List<Part>> byServer = new LinkedHashMap<>();
    long lowest = batch.records.get(0).sequence();
    long highest = lowest;
    Map<Integer, Part> open = new LinkedHashMap<>();
    List<Part> all = new ArrayList<>();
    for (int i = 0; i < batch.records.size(); i++) {
      SinkRecord record = batch.records.get(i);
      lowest = Math.min(lowest, record.sequence());
      highest = Math.max(highest, record.sequence());
      if (record.headers().size() > RedisRecords.MOST_HEADERS) {
        batch.failed(i, ErrorKind.TOO_LARGE, false, tooManyHeaders(record));
        continue;
      }
      add(open, all, record, i);
    }
    for (Part part : all) {
      byte[] stream = topic.keys().stream(topic.name(), part.partition);
      byServer.computeIfAbsent(servers.server(stream), s -> new ArrayList<>()).add(part);
    }
    Map<Integer, Long> before = new HashMap<>();
    for (Map.Entry<HostAndPort, List<Part>> one : byServer.entrySet()) {
      sendTo(one.getKey(), one.getValue(), batch, lowest, before);
    }
    for (Map.Entry<HostAndPort, List<Part>> one : byServer.entrySet()) {
      receive(one.getKey(), one.getValue(), batch, highest);
    }
  }

  private static JedisDataException tooManyHeaders(SinkRecord record) {
    return new JedisDataException(
        "it has " + record.headers().size() + " headers; allowed are " + RedisRecords.MOST_HEADERS);
  }

  private void add(Map<Integer, Part> open, List<Part> all, SinkRecord record, int index) {
    List<byte[]> words = RedisRecords.toNative(record);
    int bytes = 0;
    for (byte[] word : words) {
      bytes += word.length;
    }
    int partition = partition(record);
    Part part = open.get(partition);
    if (part == null || part.isFull(bytes)) {
      part = new Part(partition);
      open.put(partition, part);
      all.add(part);
    }
    part.add(index, record.sequence(), words, bytes);
  }

  private int partition(SinkRecord record) {
    int partitions = topic.partitions();
    for (Route route : routes) {
      partitions = record.sequence() >= route.from() ? route.partitions() : partitions;
    }
    byte[] key = record.key();
    if (key != null) {
      return RedisKeys.partition(key, partitions);
    }
    long run = record.sequence() / KEYLESS_RUN + spec.producerId().hashCode();
    return (int) Math.floorMod(run, (long) partitions);
  }

  private void sendTo(
      HostAndPort server, List<Part> all, Batch batch, long lowest, Map<Integer, Long> before) {
    try {
      Connection connection = connection(server);
      batch.markWritten();
      for (Part part : all) {
        Long last = before.put(part.partition, part.last());
        parts.send(connection, part, last, lowest, highs.get(part.partition));
      }
    } catch (JedisException e) {
      fail(server, all, batch, e);
    }
  }

  private Connection connection(HostAndPort server) {
    Connection known;
    synchronized (lock) {
      known = connections.get(server);
    }
    if (known != null) {
      return known;
    }
    Connection made = servers.connection(server);
    synchronized (lock) {
      connections.put(server, made);
      if (closed) {
        throw new JedisConnectionException("closed");
      }
    }
    made.setSoTimeout(timeoutMillis);
    parts.prepare(made);
    return made;
  }

  private void receive(HostAndPort server, List<Part> all, Batch batch, long highest) {
    Connection connection;
    synchronized (lock) {
      connection = connections.get(server);
    }
    if (connection == null) {
      return; // failed already
    }
    try {
      List<Runnable> decisions = new ArrayList<>();
      boolean waits = servers.config().waitReplicas() > 0;
      for (Part part : all) {
        Answer answer = parts.receive(connection, part);
        if (waits) {
          decisions.add(() -> decide(part, answer, batch, highest));
        } else {
          decide(part, answer, batch, highest);
        }
      }
      if (waits && !servers.replicated(connection, Duration.ofMillis(timeoutMillis))) {
        throw new JedisConnectionException("fewer replicas than redis.wait.replicas have it");
      }
      decisions.forEach(Runnable::run);
    } catch (JedisException e) {
      fail(server, all, batch, e);
    }
  }

  private void decide(Part part, Answer answer, Batch batch, long highest) {
    Long high = answer.high();
    if (high == null) {
      highs.remove(part.partition);
    } else {
      highs.put(part.partition, high);
    }
    ErrorKind kind = answer.failure();
    JedisDataException refused = answer.cause();
    if (kind == ErrorKind.UNAVAILABLE && refused != null && answer.ids().isEmpty()) {
      forget(refused);
    }
    grown(answer.partitions(), highest);
    int stored = answer.ids().size();
    for (int i = 0; i < stored; i++) {
      batch.stored(part.indexes.get(i), part.partition, answer.ids().get(i));
    }
    if (kind != null) {
      for (int index : part.indexes.subList(stored, part.indexes.size())) {
        batch.failed(index, kind, answer.maybe(), refused);
      }
    }
  }

  /** The topic has more partitions by now: they are for numbers that were never sent. */
  private void grown(int partitions, long highest) {
    if (partitions > routes.get(routes.size() - 1).partitions()) {
      routes.add(new Route(highest + 1, partitions));
    }
  }

  /** The script is not known any more, or the slot is elsewhere: starts over with what is. */
  private void forget(JedisDataException refused) {
    System.getLogger(RedisSink.class.getName())
        .log(System.Logger.Level.DEBUG, "An append was refused for now", refused);
    stale = true;
  }

  private void fail(HostAndPort server, List<Part> all, Batch batch, JedisException failure) {
    Connection broken;
    synchronized (lock) {
      broken = connections.remove(server);
    }
    if (broken != null) {
      servers.discard(broken);
    }
    boolean maybe;
    synchronized (lock) {
      maybe = batch.written;
    }
    ErrorKind kind = kind(failure);
    for (Part part : all) {
      part.indexes.forEach(i -> batch.failed(i, kind, maybe, failure));
    }
  }

  private String doing() {
    return "Publishing to topic \"" + topic.name() + "\"";
  }

  /** Nothing is held back. */
  @Override
  public void hurry() {}

  @Override
  public void close() {
    Batch running;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      running = current;
      for (Connection connection : connections.values()) {
        if (running != null) {
          cut(connection);
        }
      }
    }
    if (running != null) {
      running.failRest(ErrorKind.CLOSED, null);
    } else {
      discardAll();
    }
  }

  /** Ends what waits for an answer. */
  private static void cut(Connection connection) {
    try {
      Objects.requireNonNull(connection).forceDisconnect();
    } catch (IOException e) {
      System.getLogger(RedisSink.class.getName())
          .log(System.Logger.Level.DEBUG, "Cutting a connection failed", e);
    }
  }
}
