package dev.isostream.redis;

import dev.isostream.Position;
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
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Appends by one script for each partition's part of an append, all of them sent before the first
 * is answered, on connections of its own.
 *
 * <p>The script knows the highest number of this producer in its partition and refuses what is not
 * above it, so what was sent twice is stored once, also when the first copy lands late (contract
 * P2, P4). A part is stored only behind the parts of its append before it, so none that fails is
 * overtaken.
 */
final class RedisSink implements Sink {

  /** The server works while the client still encodes: parts are no larger than this. */
  private static final int PART_RECORDS = 64;

  private static final int PART_BYTES = 1 << 16;

  /** So many messages without a key in a row go to one partition. */
  private static final int KEYLESS_RUN = 64;

  private static final byte[] NONE = {};
  private static final byte[] ONE = {'1'};
  private static final byte[] ZERO = {'0'};
  private static final Duration SHORTEST_MEMORY = Duration.ofHours(1);

  private final RedisTopic topic;
  private final RedisServers servers;
  private final SinkSpec spec;
  private final int timeoutMillis;
  private final byte[] incarnation;
  private final byte[] memoryMillis;
  private final byte[] retentionLength;
  private final byte[] retentionAge;

  /** How many partitions there were from which number on; a record sent again goes where it was. */
  private final List<Route> routes = new ArrayList<>();

  /** The append's that runs. */
  private final Map<HostAndPort, Connection> connections = new HashMap<>();

  /** Whether they have to be made anew; the append's that runs. */
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
    this.incarnation = RedisKeys.bytes(topic.incarnation());
    Duration memory = spec.deliveryTimeout().multipliedBy(10);
    this.memoryMillis =
        Protocol.toByteArray(
            (memory.compareTo(SHORTEST_MEMORY) > 0 ? memory : SHORTEST_MEMORY).toMillis());
    this.retentionLength = RedisKeys.bytes(topic.retentionLength());
    this.retentionAge = RedisKeys.bytes(topic.retentionAge());
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

  /** Records of one partition that one call of the script appends. */
  private static final class Part {
    final int partition;
    final List<Integer> indexes = new ArrayList<>();
    final List<byte[]> words = new ArrayList<>();
    int bytes;
    long last;

    Part(int partition) {
      this.partition = partition;
    }

    boolean isFull(int more) {
      return indexes.size() >= PART_RECORDS || (bytes > 0 && bytes + more > PART_BYTES);
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
    Map<HostAndPort, List<Part>> parts = new LinkedHashMap<>();
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
      parts.computeIfAbsent(servers.server(stream), s -> new ArrayList<>()).add(part);
    }
    Map<Integer, Long> before = new HashMap<>();
    for (Map.Entry<HostAndPort, List<Part>> one : parts.entrySet()) {
      sendTo(one.getKey(), one.getValue(), batch, lowest, before);
    }
    for (Map.Entry<HostAndPort, List<Part>> one : parts.entrySet()) {
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
    part.indexes.add(index);
    part.words.add(Protocol.toByteArray(record.sequence()));
    part.words.add(Protocol.toByteArray(words.size()));
    part.words.addAll(words);
    part.bytes += bytes;
    part.last = record.sequence();
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
      HostAndPort server, List<Part> parts, Batch batch, long lowest, Map<Integer, Long> before) {
    try {
      Connection connection = connection(server);
      batch.markWritten();
      for (Part part : parts) {
        Long last = before.put(part.partition, part.last);
        RedisServers.send(connection, request(part, last, lowest));
      }
    } catch (JedisException e) {
      fail(server, parts, batch, e);
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
    RedisServers.load(made, RedisScript.APPEND);
    return made;
  }

  private RedisRequest request(Part part, @Nullable Long before, long lowest) {
    RedisKeys keys = topic.keys();
    byte[][] arguments = new byte[8 + part.words.size()][];
    arguments[0] = incarnation;
    arguments[1] = Protocol.toByteArray(before == null ? -1 : before);
    arguments[2] = Protocol.toByteArray(lowest);
    arguments[3] = before == null ? ONE : ZERO;
    arguments[4] = memoryMillis;
    arguments[5] = retentionLength;
    arguments[6] = retentionAge;
    arguments[7] = servers.config().announces() ? keys.channel(topic.name(), part.partition) : NONE;
    for (int i = 0; i < part.words.size(); i++) {
      arguments[8 + i] = part.words.get(i);
    }
    return RedisRequest.call(
        RedisScript.APPEND,
        List.of(
            keys.stream(topic.name(), part.partition),
            keys.meta(topic.name(), part.partition),
            keys.producer(topic.name(), part.partition, spec.producerId())),
        arguments);
  }

  private void receive(HostAndPort server, List<Part> parts, Batch batch, long highest) {
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
      for (Part part : parts) {
        Object reply = connection.getMany(1).get(0);
        if (waits) {
          decisions.add(() -> decide(part, reply, batch, highest));
        } else {
          decide(part, reply, batch, highest);
        }
      }
      if (waits && !servers.replicated(connection, Duration.ofMillis(timeoutMillis))) {
        throw new JedisConnectionException("fewer replicas than redis.wait.replicas have it");
      }
      decisions.forEach(Runnable::run);
    } catch (JedisException e) {
      fail(server, parts, batch, e);
    }
  }

  private void decide(Part part, @Nullable Object reply, Batch batch, long highest) {
    if (reply instanceof JedisDataException refused) {
      ErrorKind kind = RedisErrors.kind(refused);
      if (kind == ErrorKind.UNAVAILABLE) {
        forget(refused);
      }
      part.indexes.forEach(i -> batch.failed(i, kind, kind == ErrorKind.UNKNOWN, refused));
      return;
    }
    List<@Nullable Object> answer = RedisReply.list(reply);
    String how = RedisReply.text(answer.get(0));
    if (!how.equals("OK")) {
      // behind a part that failed, or in a topic that is none
      ErrorKind kind = how.equals("GONE") ? ErrorKind.TOPIC_NOT_FOUND : ErrorKind.UNAVAILABLE;
      part.indexes.forEach(i -> batch.failed(i, kind, false, null));
      return;
    }
    grown((int) RedisReply.number(answer.get(1)), highest);
    List<@Nullable Object> ids = RedisReply.list(answer.get(3));
    for (int i = 0; i < ids.size(); i++) {
      batch.stored(part.indexes.get(i), part.partition, RedisReply.bytes(ids.get(i)));
    }
    if (ids.size() < part.indexes.size()) {
      JedisDataException failure = new JedisDataException(RedisReply.text(answer.get(2)));
      ErrorKind kind = RedisErrors.kind(failure);
      for (int i = ids.size(); i < part.indexes.size(); i++) {
        batch.failed(part.indexes.get(i), kind, false, failure);
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

  private void fail(HostAndPort server, List<Part> parts, Batch batch, JedisException failure) {
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
    for (Part part : parts) {
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
