package dev.isostream.redis;

import dev.isostream.redis.RedisFetches.Asked;
import dev.isostream.redis.RedisFetches.Fetched;
import dev.isostream.redis.RedisFetches.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
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

  private static final int MOST_UNBLOCKS = 100;

  /** Enough where the wait was asked for already, and may be over already. */
  private static final int FEW_UNBLOCKS = 10;

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
    Connection made = servers.isCluster() ? servers.tracking(server) : servers.connection(server);
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

  private List<Found> fetch(List<Asked> asked, int count) {
    Connection by = connect();
    List<RedisReading> all = asked.stream().map(one -> new RedisReading(topic, one)).toList();
    boolean opened = open(by, all);
    List<RedisReading> readable = all.stream().filter(reading -> reading.gone == null).toList();
    if (!readable.isEmpty()) {
      boolean waits = !opened && readable.size() == all.size() && !isStale();
      List<RedisReading> filled =
          by instanceof RedisTracking tracking && readable.size() > 1
              ? readEach(tracking, readable, count, waits)
              : read(by, readable, count, waits);
      check(by, filled);
    }
    return all.stream().map(RedisReading::found).toList();
  }

  private boolean isStale() {
    synchronized (lock) {
      return stale;
    }
  }

  /** Looks at the places where reading begins. */
  private boolean open(Connection by, List<RedisReading> all) {
    List<RedisReading> opening = all.stream().filter(r -> r.asked.opening() != null).toList();
    if (opening.isEmpty()) {
      return false;
    }
    List<RedisRequest> questions = new ArrayList<>();
    for (RedisReading reading : opening) {
      questions.add(reading.bounds());
      byte[] name = group;
      questions.add(
          name != null && reading.asked.groupWanted()
              ? RedisRequest.call(RedisScript.PENDING, List.of(reading.asked.lane().stream), name)
              : RedisRequest.of(Protocol.Command.EXISTS, reading.asked.lane().stream));
    }
    List<@Nullable Object> answers = RedisServers.run(by, questions);
    for (int i = 0; i < opening.size(); i++) {
      RedisReading reading = opening.get(i);
      RedisBounds bounds = RedisBounds.of(answers.get(2 * i));
      if (group != null && reading.asked.groupWanted()) {
        reading.takeOver(RedisReply.list(answers.get(2 * i + 1)), bounds);
      }
      reading.begin(bounds);
    }
    return true;
  }

  // ---- reading

  private List<RedisReading> read(
      Connection by, List<RedisReading> lanes, int count, boolean waits) {
    send(by, lanes, count, waits);
    int standard = expectSoon(by, waits);
    Object reply = by.getMany(1).get(0);
    by.setSoTimeout(standard);
    return take(lanes, reply);
  }

  /** A silence that is longer than the wait is a failure; returns what was one before. */
  private int expectSoon(Connection by, boolean waits) {
    int standard = by.getSoTimeout();
    by.setSoTimeout(
        (waits ? BLOCK_MILLIS : 0)
            + Math.min(LONGEST_SILENCE_MILLIS, servers.config().requestTimeoutMillis()));
    return standard;
  }

  private void send(Connection by, List<RedisReading> lanes, int count, boolean waits) {
    List<byte[]> arguments = new ArrayList<>(5 + 2 * lanes.size());
    arguments.add(COUNT);
    arguments.add(Protocol.toByteArray(count));
    if (waits) {
      arguments.add(BLOCK);
      arguments.add(Protocol.toByteArray(BLOCK_MILLIS));
    }
    arguments.add(STREAMS);
    lanes.forEach(reading -> arguments.add(reading.asked.lane().stream));
    lanes.forEach(reading -> arguments.add(reading.at.bytes()));
    by.sendCommand(Protocol.Command.XREAD, arguments.toArray(byte[][]::new));
  }

  /**
   * Each stream by itself, since one read covers one slot only. Where all are empty it waits at one
   * of them, and is told by the server when another one changes.
   */
  private List<RedisReading> readEach(
      RedisTracking by, List<RedisReading> lanes, int count, boolean waits) {
    by.forgetChanges();
    List<RedisReading> filled = readEach(by, lanes, count);
    if (!filled.isEmpty() || !waits) {
      return filled;
    }
    if (!by.hasChanged()) {
      List<RedisReading> first = lanes.subList(0, 1);
      send(by, first, count, true);
      int standard = expectSoon(by, true);
      RedisTracking.Answer answer = by.replyUnlessOtherChanges(lanes.get(0).asked.lane().stream);
      if (!answer.isReply()) {
        endWait();
      }
      Object reply = answer.isReply() ? answer.reply() : by.getMany(1).get(0);
      by.setSoTimeout(standard);
      filled = take(first, reply);
      if (answer.isReply()) {
        return filled;
      }
    }
    List<RedisReading> others = new ArrayList<>(lanes);
    others.removeAll(filled);
    filled.addAll(readEach(by, others, count));
    return filled;
  }

  private List<RedisReading> readEach(Connection by, List<RedisReading> lanes, int count) {
    lanes.forEach(reading -> send(by, List.of(reading), count, false));
    List<Object> replies = by.getMany(lanes.size());
    List<RedisReading> filled = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      filled.addAll(take(List.of(lanes.get(i)), replies.get(i)));
    }
    return filled;
  }

  private List<RedisReading> take(List<RedisReading> lanes, @Nullable Object reply) {
    List<RedisReading> filled = new ArrayList<>();
    int next = 0;
    for (Object one : RedisReply.list(reply)) {
      // a pair, or an entry of a map, as the protocol has it
      boolean isPair = !(one instanceof Map.Entry<?, ?>);
      Object named = isPair ? RedisReply.list(one).get(0) : ((Map.Entry<?, ?>) one).getKey();
      Object entries = isPair ? RedisReply.list(one).get(1) : ((Map.Entry<?, ?>) one).getValue();
      byte[] name = RedisReply.bytes(named);
      while (!Arrays.equals(lanes.get(next).asked.lane().stream, name)) {
        next++;
      }
      RedisReading reading = lanes.get(next);
      reading.take(RedisReply.list(entries));
      filled.add(reading);
    }
    return filled;
  }

  /**
   * Retention may have taken what lay between the last fetch and this one, which the entries
   * themselves don't show.
   */
  private void check(Connection by, List<RedisReading> filled) {
    if (filled.isEmpty()) {
      return;
    }
    List<RedisRequest> questions = new ArrayList<>();
    filled.forEach(reading -> questions.add(reading.bounds()));
    List<@Nullable Object> answers = RedisServers.run(by, questions);
    for (int i = 0; i < filled.size(); i++) {
      filled.get(i).check(RedisBounds.of(answers.get(i)));
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

  private void unblock(long fetch, byte[] id) {
    try {
      unblock(id, MOST_UNBLOCKS, () -> isUnderWay(fetch));
    } catch (RuntimeException e) {
      // then it ends by itself
      System.getLogger(RedisFetcher.class.getName())
          .log(System.Logger.Level.DEBUG, "Ending a wait early failed", e);
    } finally {
      done();
    }
  }

  /** By itself: another stream than the one that it waits at has changed. */
  private void endWait() {
    byte[] id;
    synchronized (lock) {
      id = clientId;
    }
    unblock(id, FEW_UNBLOCKS, () -> true);
  }

  /** Again where it came before the wait began. */
  private void unblock(byte[] id, int most, BooleanSupplier goesOn) {
    Connection other = servers.connection(server);
    try {
      for (int i = 0; i < most && goesOn.getAsBoolean(); i++) {
        other.sendCommand(Protocol.Command.CLIENT, RedisKeys.bytes("UNBLOCK"), id);
        if (RedisReply.number(other.getMany(1).get(0)) == 1) {
          break;
        }
      }
    } finally {
      other.close();
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
