package dev.isostream.redis;

import dev.isostream.redis.RedisFetches.Asked;
import dev.isostream.redis.RedisFetches.Fetched;
import dev.isostream.redis.RedisFetches.Found;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Reads streams of one server on one connection: one fetch at a time, which waits at the server
 * until there is anything in any of them. It belongs to no group there, so that one that comes too
 * late moves nothing.
 *
 * <p>Threads: its owner starts, interrupts and closes; fetches run where calls may block.
 */
final class RedisFetcher {

  private static final int BLOCK_MILLIS = 2000;

  /** Beyond the time that a read waits at the server, an answer is missed after so long. */
  private static final int LONGEST_SILENCE_MILLIS = 5000;

  /** In a cluster a read covers one slot: so long waits one of them, in turn. */
  private static final int TURN_MILLIS = 20;

  private static final int MOST_UNBLOCKS = 100;
  private static final byte[] COUNT = RedisKeys.bytes("COUNT");
  private static final byte[] BLOCK = RedisKeys.bytes("BLOCK");
  private static final byte[] STREAMS = RedisKeys.bytes("STREAMS");

  private final RedisServers servers;
  private final HostAndPort server;
  private final RedisTopic topic;
  private final byte @Nullable [] group;
  private final Consumer<Fetched> arrived;

  private final Object lock = new Object();
  private @Nullable Connection connection;
  private byte[] clientId = {};
  private long fetches;
  private boolean busy;
  private boolean unblocking;
  private boolean stale;
  private boolean closed;
  private int turn;

  RedisFetcher(
      RedisServers servers,
      HostAndPort server,
      RedisTopic topic,
      byte @Nullable [] group,
      Consumer<Fetched> arrived) {
    this.servers = servers;
    this.server = server;
    this.topic = topic;
    this.group = group;
    this.arrived = arrived;
  }

  /** Starts a fetch; none may be under way, nor brought and not taken in. */
  void start(List<Asked> asked, int count) {
    synchronized (lock) {
      busy = true;
      stale = false;
      fetches++;
    }
    try {
      servers.execute(() -> run(asked, count));
    } catch (RejectedExecutionException e) {
      finish(new Fetched(this, asked, List.of(), e));
    }
  }

  private void run(List<Asked> asked, int count) {
    Fetched fetched;
    try {
      fetched = new Fetched(this, asked, fetch(asked, count), null);
    } catch (RuntimeException e) {
      drop();
      fetched = new Fetched(this, asked, List.of(), e);
    }
    finish(fetched);
  }

  private void finish(Fetched fetched) {
    boolean over;
    synchronized (lock) {
      busy = false;
      over = closed;
    }
    if (over) {
      drop();
    }
    arrived.accept(fetched);
  }

  private void drop() {
    Connection broken;
    synchronized (lock) {
      broken = connection;
      connection = null;
    }
    if (broken != null) {
      servers.discard(broken);
    }
  }

  private Connection connect() {
    Connection known;
    synchronized (lock) {
      known = connection;
    }
    if (known != null) {
      return known;
    }
    Connection made = servers.connection(server);
    synchronized (lock) {
      connection = made;
      if (closed) {
        throw new JedisConnectionException("closed");
      }
    }
    made.sendCommand(Protocol.Command.CLIENT, RedisKeys.bytes("ID"));
    byte[] id = Protocol.toByteArray(RedisReply.number(made.getMany(1).get(0)));
    synchronized (lock) {
      clientId = id;
    }
    return made;
  }

  // ---- one fetch

  /** A lane while it is being fetched. */
  private static final class Reading {
    final Asked asked;
    RedisId at;
    long ordinal;
    @Nullable RedisId start;
    @Nullable RedisId delivered;
    Set<RedisId> pending;
    @Nullable Place gone;
    @Nullable RedisId first;
    @Nullable RedisId last;
    int taken;
    List<SourceRecord> records = List.of();

    Reading(Asked asked) {
      this.asked = asked;
      this.at = asked.fetched();
      this.ordinal = asked.ordinal();
      this.delivered = asked.delivered();
      this.pending = asked.pending();
    }

    Found found() {
      return new Found(asked, start, at, ordinal, records, delivered, pending, gone, first);
    }
  }

  private List<Found> fetch(List<Asked> asked, int count) {
    Connection by = connect();
    List<Reading> all = asked.stream().map(Reading::new).toList();
    boolean opened = open(by, all);
    List<Reading> readable = all.stream().filter(reading -> reading.gone == null).toList();
    if (!readable.isEmpty()) {
      boolean waits = !opened && readable.size() == all.size() && !isStale();
      List<Reading> filled =
          servers.isCluster()
              ? readInTurn(by, readable, count, waits)
              : read(by, readable, count, waits ? BLOCK_MILLIS : 0);
      check(by, filled);
    }
    return all.stream().map(Reading::found).toList();
  }

  private boolean isStale() {
    synchronized (lock) {
      return stale;
    }
  }

  /** Looks at the places where reading begins. */
  private boolean open(Connection by, List<Reading> all) {
    List<Reading> opening = all.stream().filter(r -> r.asked.opening() != null).toList();
    if (opening.isEmpty()) {
      return false;
    }
    List<RedisRequest> questions = new ArrayList<>();
    for (Reading reading : opening) {
      questions.add(bounds(reading, named(reading.asked.opening())));
      byte[] name = group;
      questions.add(
          name != null && reading.asked.groupWanted()
              ? RedisRequest.call(RedisScript.PENDING, List.of(reading.asked.lane().stream), name)
              : RedisRequest.of(Protocol.Command.EXISTS, reading.asked.lane().stream));
    }
    List<@Nullable Object> answers = RedisServers.run(by, questions);
    for (int i = 0; i < opening.size(); i++) {
      Reading reading = opening.get(i);
      RedisBounds bounds = RedisBounds.of(answers.get(2 * i));
      if (group != null && reading.asked.groupWanted()) {
        takeOver(reading, RedisReply.list(answers.get(2 * i + 1)), bounds);
      }
      begin(reading, bounds);
    }
    return true;
  }

  private RedisRequest bounds(Reading reading, byte[] id) {
    return RedisRequest.call(RedisScript.BOUNDS, List.of(reading.asked.lane().stream), id);
  }

  private static byte[] named(@Nullable Place place) {
    return place instanceof Place.At at ? RedisId.of(at.position()).bytes() : new byte[0];
  }

  private static void takeOver(Reading reading, List<@Nullable Object> answer, RedisBounds bounds) {
    if (answer.isEmpty()) {
      return;
    }
    RedisId delivered = RedisId.parse(RedisReply.bytes(answer.get(0)));
    long read = RedisReply.number(answer.get(1));
    long lag = RedisReply.number(answer.get(2));
    Set<RedisId> pending = new HashSet<>();
    for (Object id : RedisReply.list(answer.get(3))) {
      pending.add(RedisId.parse(RedisReply.bytes(id)));
    }
    reading.delivered = delivered;
    reading.pending = pending;
    if (pending.isEmpty()) {
      reading.ordinal = read >= 0 ? read : lag >= 0 ? bounds.added() - lag : -1;
    }
  }

  private void begin(Reading reading, RedisBounds bounds) {
    Place place = reading.asked.opening();
    if (place == null) {
      return;
    }
    if (!topic.holds(place) || bounds.isBefore(place)) {
      goOnAtStart(reading, bounds);
      return;
    }
    reading.at = RedisId.before(place);
    reading.start = reading.at;
    RedisId delivered = reading.delivered;
    if (delivered == null || !delivered.equals(reading.at)) {
      reading.ordinal = -1;
    }
    if (place instanceof Place.Origin) {
      reading.ordinal = 0;
    }
    reading.ordinal = bounds.ordinal(reading.at, reading.ordinal);
    if (place instanceof Place.At at && bounds.lacks(RedisId.of(at.position()))) {
      goOnAtNext(reading, bounds);
    } else if (!(place instanceof Place.At) && bounds.hasLost(reading.at, reading.ordinal)) {
      goOnAtStart(reading, bounds);
    }
  }

  private void goOnAtNext(Reading reading, RedisBounds bounds) {
    RedisId next = bounds.following();
    if (next == null) {
      goOnAtStart(reading, bounds);
    } else {
      goOn(reading, next);
    }
  }

  private void goOnAtStart(Reading reading, RedisBounds bounds) {
    RedisId first = bounds.first();
    if (first != null) {
      goOn(reading, first);
    } else {
      reading.gone = bounds.end(topic, reading.asked.lane().partition);
    }
  }

  private void goOn(Reading reading, RedisId first) {
    reading.first = first;
    reading.gone = new Place.At(topic.position(reading.asked.lane().partition, first));
  }

  // ---- reading

  private List<Reading> read(Connection by, List<Reading> lanes, int count, int blockMillis) {
    List<byte[]> arguments = new ArrayList<>(5 + 2 * lanes.size());
    arguments.add(COUNT);
    arguments.add(Protocol.toByteArray(count));
    if (blockMillis > 0) {
      arguments.add(BLOCK);
      arguments.add(Protocol.toByteArray(blockMillis));
    }
    arguments.add(STREAMS);
    lanes.forEach(reading -> arguments.add(reading.asked.lane().stream));
    lanes.forEach(reading -> arguments.add(reading.at.bytes()));
    int standard = by.getSoTimeout();
    by.setSoTimeout(
        blockMillis + Math.min(LONGEST_SILENCE_MILLIS, servers.config().requestTimeoutMillis()));
    by.sendCommand(Protocol.Command.XREAD, arguments.toArray(byte[][]::new));
    Object reply = by.getMany(1).get(0);
    by.setSoTimeout(standard);
    return take(lanes, reply);
  }

  /** Each stream by itself, since they lie in several slots; where all are empty, waits at one. */
  private List<Reading> readInTurn(Connection by, List<Reading> lanes, int count, boolean waits) {
    for (Reading reading : lanes) {
      by.sendCommand(
          Protocol.Command.XREAD,
          COUNT,
          Protocol.toByteArray(count),
          STREAMS,
          reading.asked.lane().stream,
          reading.at.bytes());
    }
    List<Object> replies = by.getMany(lanes.size());
    List<Reading> filled = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      filled.addAll(take(List.of(lanes.get(i)), replies.get(i)));
    }
    if (filled.isEmpty() && waits) {
      turn = (turn + 1) % lanes.size();
      return read(by, List.of(lanes.get(turn)), count, TURN_MILLIS);
    }
    return filled;
  }

  private List<Reading> take(List<Reading> lanes, @Nullable Object reply) {
    List<Reading> filled = new ArrayList<>();
    int next = 0;
    for (Object one : RedisReply.list(reply)) {
      List<@Nullable Object> stream = RedisReply.list(one);
      byte[] name = RedisReply.bytes(stream.get(0));
      while (!Arrays.equals(lanes.get(next).asked.lane().stream, name)) {
        next++;
      }
      Reading reading = lanes.get(next);
      take(reading, RedisReply.list(stream.get(1)));
      filled.add(reading);
    }
    return filled;
  }

  private void take(Reading reading, List<@Nullable Object> entries) {
    Held lane = reading.asked.lane();
    List<SourceRecord> records = new ArrayList<>(entries.size());
    for (Object one : entries) {
      List<@Nullable Object> entry = RedisReply.list(one);
      RedisId id = RedisId.parse(RedisReply.bytes(entry.get(0)));
      if (isOpen(reading, id)) {
        records.add(
            RedisRecords.fromNative(
                topic, lane.partition, lane.name, id, RedisReply.list(entry.get(1))));
      }
      reading.first = reading.first == null ? id : reading.first;
      reading.last = id;
    }
    reading.records = records;
    reading.taken = entries.size();
  }

  /** Whether the group has still to get it. */
  private static boolean isOpen(Reading reading, RedisId id) {
    RedisId delivered = reading.delivered;
    return delivered == null || id.compareTo(delivered) > 0 || reading.pending.contains(id);
  }

  /**
   * Retention may have taken what lay between the last fetch and this one, which the entries
   * themselves don't show.
   */
  private void check(Connection by, List<Reading> filled) {
    if (filled.isEmpty()) {
      return;
    }
    List<RedisRequest> questions = new ArrayList<>();
    filled.forEach(reading -> questions.add(bounds(reading, new byte[0])));
    List<@Nullable Object> answers = RedisServers.run(by, questions);
    for (int i = 0; i < filled.size(); i++) {
      Reading reading = filled.get(i);
      RedisBounds bounds = RedisBounds.of(answers.get(i));
      RedisId last = reading.last;
      RedisId first = reading.first;
      if (last == null || first == null) {
        continue;
      }
      if (bounds.hasLost(reading.at, reading.ordinal, first)) {
        reading.records = List.of();
        goOn(reading, first);
        continue;
      }
      reading.first = null;
      reading.at = last;
      long counted = reading.ordinal < 0 ? -1 : reading.ordinal + reading.taken;
      reading.ordinal = bounds.ordinal(last, counted);
    }
  }

  // ---- from the owner

  /** What is asked for has changed: ends the wait at the server. */
  void interrupt() {
    long fetch;
    byte[] id;
    synchronized (lock) {
      stale = true;
      if (!busy || unblocking || closed || clientId.length == 0) {
        return;
      }
      unblocking = true;
      fetch = fetches;
      id = clientId;
    }
    try {
      servers.execute(() -> unblock(fetch, id));
    } catch (RejectedExecutionException e) {
      done();
    }
  }

  /** Again where it came before the wait began. */
  private void unblock(long fetch, byte[] id) {
    try {
      Connection other = servers.connection(server);
      try {
        for (int i = 0; i < MOST_UNBLOCKS && isUnderWay(fetch); i++) {
          other.sendCommand(Protocol.Command.CLIENT, RedisKeys.bytes("UNBLOCK"), id);
          if (RedisReply.number(other.getMany(1).get(0)) == 1) {
            break;
          }
        }
      } finally {
        other.close();
      }
    } catch (RuntimeException e) {
      // then it ends by itself
      System.getLogger(RedisFetcher.class.getName())
          .log(System.Logger.Level.DEBUG, "Ending a wait early failed", e);
    } finally {
      done();
    }
  }

  private boolean isUnderWay(long fetch) {
    synchronized (lock) {
      return busy && fetches == fetch && !closed;
    }
  }

  private void done() {
    synchronized (lock) {
      unblocking = false;
    }
  }

  void close() {
    Connection open;
    boolean running;
    synchronized (lock) {
      closed = true;
      running = busy;
      open = connection;
    }
    if (open == null) {
      return;
    }
    if (!running) {
      drop();
      return;
    }
    try {
      open.forceDisconnect();
    } catch (IOException | JedisException e) {
      System.getLogger(RedisFetcher.class.getName())
          .log(System.Logger.Level.DEBUG, "Cutting a connection failed", e);
    }
  }
}
