package dev.isostream.memory;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A broker inside this process, which everything opened with {@code memory://<name>} shares. It and
 * what it stores last until it is removed or the JVM ends.
 *
 * <p>For tests, it can be told to fail as real brokers do. What is done here has taken effect when
 * the call returns: no request is under way then that has not seen it.
 *
 * <p>Threads: thread-safe.
 */
public final class MemoryBroker {

  /** The one thing in this adapter that belongs to the JVM: brokers stand for servers. */
  private static final Map<String, MemoryBroker> BROKERS = new ConcurrentHashMap<>();

  /** What becomes of requests that a broker got and did not answer before it crashed. */
  public enum Unanswered {
    /** They were carried out. */
    DONE,
    /** They had no effect. */
    LOST
  }

  private enum State {
    UP,
    STALLED,
    DOWN
  }

  private final String name;
  private final MemoryClock clock;
  private final MemorySecurity security;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final Map<String, MemoryTopic> topics = new ConcurrentHashMap<>();
  private final Set<MemoryConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger repliesToDrop = new AtomicInteger();
  private volatile State state = State.UP;

  MemoryBroker(String name, MemoryClock clock) {
    this.name = name;
    this.clock = clock;
    this.security = new MemorySecurity(name);
  }

  /** The broker of this name; made where there is none. */
  public static MemoryBroker named(String name) {
    return BROKERS.computeIfAbsent(name, n -> new MemoryBroker(n, new MemoryClock()));
  }

  /** What stands behind {@code memory://}. */
  public String name() {
    return name;
  }

  /**
   * Shuts it down for ever and forgets everything in it. Whoever opens its name next gets an empty
   * one.
   */
  public void remove() {
    BROKERS.remove(name, this);
    become(State.DOWN);
    topics.values().forEach(MemoryTopic::delete);
    topics.clear();
  }

  /** The connections that are open. */
  public List<MemoryConnection> connections() {
    return List.copyOf(connections);
  }

  /**
   * Stops answering until {@link #resume}: requests are sent and nothing comes back. Does nothing
   * where it is down.
   */
  public void stall() {
    if (state == State.UP) {
      become(State.STALLED);
    }
  }

  /** Ends a {@link #stall}: what was asked meanwhile, and is waited for still, is done now. */
  public void resume() {
    if (state == State.STALLED) {
      become(State.UP);
    }
  }

  /**
   * Crashes, keeping what is durable: topics, messages, groups and cursors. Every request fails as
   * unreachable until {@link #restart}.
   *
   * @param unanswered of a {@link #stall} that this ends
   */
  public void crash(Unanswered unanswered) {
    if (state == State.STALLED && unanswered == Unanswered.DONE) {
      connections.forEach(MemoryConnection::executeUnanswered);
    }
    become(State.DOWN);
  }

  /** Comes back after a {@link #crash}. */
  public void restart() {
    become(State.UP);
  }

  private void become(State next) {
    exclusively(
        () -> {
          state = next;
          if (next == State.UP) {
            topics.values().forEach(MemoryTopic::renewSessions);
          }
        });
    connections.forEach(MemoryConnection::settle);
  }

  /** Stores the messages of the next requests to append, but loses the replies to those. */
  public void dropReplies(int requests) {
    repliesToDrop.set(requests);
  }

  /** Lets this user in, and from now on nobody without a user. */
  public void addUser(String user, String password) {
    security.addUser(user, password);
  }

  /** Takes the permission to use a topic from a user. */
  public void forbid(String user, String topic) {
    security.forbid(user, topic);
  }

  /** Gives back what {@link #forbid} took. */
  public void allow(String user, String topic) {
    security.allow(user, topic);
  }

  /** Whether to take TLS connections only, which this backend does not have. */
  public void requireSecureConnections(boolean only) {
    security.secureOnly(only);
  }

  /**
   * Removes the messages of a partition before an offset, as retention does.
   *
   * @param offset of the first message to keep; those of positions count from 0
   */
  public void trim(String topic, String partition, long offset) {
    existing(topic).partition(partition).trim(offset);
  }

  /** Appends a message as another client of this backend would, unchecked and as it is. */
  public Position append(
      String topic,
      String partition,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers) {
    MemoryPartition target = existing(topic).partition(partition);
    target.lock();
    try {
      return target.append(key, payload, headers, clock.now()).position();
    } finally {
      target.unlock();
    }
  }

  /** The messages of a partition that are left, as they are stored. */
  public List<SourceRecord> stored(String topic, String partition) {
    MemoryPartition source = existing(topic).partition(partition);
    List<MemoryRecord> records =
        source.read(source.bounds().start(), Integer.MAX_VALUE, Long.MAX_VALUE);
    return records == null ? List.of() : new ArrayList<>(records);
  }

  /** The connection is not told of anything any more. */
  void forget(MemoryConnection connection) {
    connections.remove(connection);
  }

  MemoryConnection connect(MemoryConfig config) {
    MemoryConnection connection = new MemoryConnection(this, config);
    connections.add(connection);
    return connection;
  }

  MemoryClock clock() {
    return clock;
  }

  MemorySecurity security() {
    return security;
  }

  /** Held by requests. */
  Lock shared() {
    return gate.readLock();
  }

  /** Does something while no request is under way. */
  void exclusively(Runnable change) {
    gate.writeLock().lock();
    try {
      change.run();
    } finally {
      gate.writeLock().unlock();
    }
  }

  boolean isDown() {
    return state == State.DOWN;
  }

  boolean isStalled() {
    return state == State.STALLED;
  }

  /** Whether the reply to the request that was just carried out gets lost. */
  boolean dropsReply() {
    return repliesToDrop.get() > 0 && repliesToDrop.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  void createTopic(String topic, int partitions, long retentionMessages) {
    String incarnation = UUID.randomUUID().toString().substring(0, 8);
    MemoryTopic made = new MemoryTopic(topic, incarnation, partitions, retentionMessages, clock);
    if (topics.putIfAbsent(topic, made) != null) {
      throw MemoryErrors.topicExists(topic);
    }
  }

  void deleteTopic(String topic) {
    MemoryTopic there = topics.remove(topic);
    if (there == null) {
      throw MemoryErrors.noTopic(topic);
    }
    there.delete();
    connections.forEach(MemoryConnection::wake);
  }

  Optional<MemoryTopic> topic(String topic) {
    return Optional.ofNullable(topics.get(topic));
  }

  MemoryTopic existing(String topic) {
    return topic(topic).orElseThrow(() -> MemoryErrors.noTopic(topic));
  }

  Set<String> topicNames() {
    return Set.copyOf(topics.keySet());
  }

  @Override
  public String toString() {
    return "MemoryBroker[" + name + ", " + state + "]";
  }
}
