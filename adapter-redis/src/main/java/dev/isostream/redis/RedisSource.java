package dev.isostream.redis;

import dev.isostream.Position;
import dev.isostream.redis.RedisFetches.Asked;
import dev.isostream.redis.RedisFetches.Fetched;
import dev.isostream.redis.RedisFetches.Found;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * What reading is with a group and without: a fetcher for each server, and the lanes that are read.
 *
 * <p>A lane that is fetched is not fetched again before the engine was told, so what is held here
 * untold is one fetch of each lane at most.
 */
abstract class RedisSource implements Source {

  /** What an entry is taken to have before any was seen. */
  private static final int FIRST_GUESS_BYTES = 16_384;

  final RedisTopic topic;
  final RedisServers servers;
  private final byte @Nullable [] group;
  private final int maxRecords;
  private final int maxBytes;
  private final Map<String, Held> held = new LinkedHashMap<>();
  private final Map<HostAndPort, RedisFetcher> fetchers = new HashMap<>();

  /** Those whose fetch was not taken in yet: until then nobody knows where the next one begins. */
  private final Set<RedisFetcher> running = new HashSet<>();

  private int typicalBytes = FIRST_GUESS_BYTES;
  private boolean closed;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Deque<Fetched> arrived = new ArrayDeque<>();
  private boolean woken;

  RedisSource(
      RedisTopic topic,
      RedisServers servers,
      byte @Nullable [] group,
      int maxRecords,
      int maxBytes) {
    this.topic = topic;
    this.servers = servers;
    this.group = group;
    this.maxRecords = Math.max(1, maxRecords);
    this.maxBytes = Math.max(1, maxBytes);
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    try {
      boolean told = tellWaiting(listener);
      told |= tellArrived(listener);
      fetch();
      if (!told && await(maxWait)) {
        tellArrived(listener);
        fetch();
      }
    } catch (RuntimeException e) {
      throw servers.failure(doing(), e);
    }
  }

  final String doing() {
    return "Reading topic \"" + topic.name() + "\"";
  }

  // ---- what was fetched

  private boolean tellWaiting(SourceListener listener) {
    boolean told = false;
    for (Held lane : List.copyOf(held.values())) {
      Found found = lane.waiting;
      if (found != null && !lane.paused) {
        lane.waiting = null;
        tell(lane, found, listener);
        told = true;
      }
    }
    return told;
  }

  private boolean tellArrived(SourceListener listener) {
    List<Fetched> all = takeArrived();
    RuntimeException failure = null;
    for (Fetched fetched : all) {
      running.remove(fetched.from());
      fetched.asked().forEach(asked -> asked.lane().asked = -1);
    }
    for (Fetched fetched : all) {
      fetched.found().forEach(found -> accept(found, listener));
      failure = fetched.failure() == null ? failure : fetched.failure();
    }
    if (failure != null) {
      throw failure;
    }
    return !all.isEmpty();
  }

  private List<Fetched> takeArrived() {
    lock.lock();
    try {
      List<Fetched> all = new ArrayList<>(arrived);
      arrived.clear();
      woken = false;
      return all;
    } finally {
      lock.unlock();
    }
  }

  private void accept(Found found, SourceListener listener) {
    Held lane = found.asked().lane();
    if (held.get(lane.name) != lane || lane.generation != found.asked().generation()) {
      return;
    }
    if (found.asked().groupWanted()) {
      lane.groupKnown = true;
      lane.delivered = found.delivered();
      lane.pending = found.pending();
    }
    RedisId start = found.start();
    if (start != null) {
      lane.opening = null;
      lane.told = start;
      reached(lane);
    }
    Place gone = found.gone();
    if (gone != null) {
      lane.reading = false;
      lane.opening = null;
      RedisId first = found.first();
      Position there = first == null ? null : topic.position(lane.partition, first);
      listener.removed(lane.lane, gone, there);
      return;
    }
    lane.fetched = found.fetched();
    lane.ordinal = found.ordinal();
    learn(found.records());
    if (lane.paused) {
      lane.waiting = found;
    } else {
      tell(lane, found, listener);
    }
  }

  private void learn(List<SourceRecord> records) {
    int largest = 0;
    for (SourceRecord one : records) {
      largest = Math.max(largest, one.sizeBytes());
    }
    if (largest > 0) {
      typicalBytes = Math.max(largest, typicalBytes / 2);
    }
  }

  private void tell(Held lane, Found found, SourceListener listener) {
    lane.told = found.fetched();
    lane.toldOrdinal = found.ordinal();
    telling(lane, found.records());
    reached(lane);
    if (!found.records().isEmpty()) {
      listener.records(lane.lane, found.records());
    }
  }

  /** These records are being told. */
  void telling(Held lane, List<SourceRecord> records) {}

  /** It is known by now how far the lane was told. */
  void reached(Held lane) {}

  // ---- fetching

  private void fetch() {
    Map<RedisFetcher, List<Held>> wanted = new LinkedHashMap<>();
    int lanes = 0;
    for (Held lane : held.values()) {
      if (lane.reading && !lane.paused && lane.waiting == null) {
        wanted.computeIfAbsent(fetcherOf(lane), f -> new ArrayList<>()).add(lane);
        lanes++;
      }
    }
    int count = count(lanes);
    wanted.forEach((fetcher, some) -> fetch(fetcher, some, count));
  }

  private void fetch(RedisFetcher fetcher, List<Held> lanes, int count) {
    if (running.contains(fetcher)) {
      if (lanes.stream().anyMatch(lane -> lane.asked != lane.generation)) {
        fetcher.interrupt();
      }
      return;
    }
    List<Asked> asked = new ArrayList<>(lanes.size());
    for (Held lane : lanes) {
      lane.asked = lane.generation;
      asked.add(Asked.of(lane, group != null));
    }
    running.add(fetcher);
    fetcher.start(asked, count);
  }

  private RedisFetcher fetcherOf(Held lane) {
    return fetchers.computeIfAbsent(
        servers.server(lane.stream),
        server -> new RedisFetcher(servers, server, topic, group, this::arrived));
  }

  /** How many entries of each stream at most: the bounds are on all together (contract F1). */
  private int count(int lanes) {
    long streams = Math.max(1, lanes);
    long byBytes = maxBytes / (streams * typicalBytes);
    return (int) Math.max(1, Math.min(maxRecords / streams, byBytes));
  }

  private void arrived(Fetched fetched) {
    lock.lock();
    try {
      arrived.add(fetched);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something was fetched; false where only a wakeup or the time ended it. */
  private boolean await(Duration maxWait) {
    lock.lock();
    try {
      long left = maxWait.toNanos();
      while (arrived.isEmpty() && !woken && left > 0) {
        left = news.awaitNanos(left);
      }
      woken = false;
      return !arrived.isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final void wakeup() {
    lock.lock();
    try {
      woken = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- from the engine

  /** The lane, if it is still that one; calls for a former one do nothing. */
  final @Nullable Held held(Lane lane) {
    Held mine = held.get(lane.name());
    return mine != null && mine.lane.equals(lane) ? mine : null;
  }

  @Override
  public final void read(Lane lane, Place place) {
    Held mine = held(lane);
    if (mine == null) {
      int partition = topic.partition(lane.name());
      mine = new Held(lane, partition, topic.keys().stream(topic.name(), partition));
      held.put(lane.name(), mine);
    }
    mine.generation++;
    mine.reading = true;
    mine.opening = place;
    mine.waiting = null;
    mine.told = null;
    mine.toldOrdinal = -1;
  }

  @Override
  public final void pause(Lane lane) {
    pause(lane, true);
  }

  @Override
  public final void resume(Lane lane) {
    pause(lane, false);
  }

  private void pause(Lane lane, boolean paused) {
    Held mine = held(lane);
    if (mine != null) {
      mine.paused = paused;
    }
  }

  @Override
  public final void stop(Lane lane) {
    if (held(lane) != null) {
      held.remove(lane.name());
    }
  }

  @Override
  public final boolean hasReached(Lane lane, Place end) {
    Held mine = held(lane);
    RedisId told = mine == null || !mine.reading ? null : mine.told;
    return told != null && told.compareTo(RedisId.before(end)) >= 0;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      held.clear();
      fetchers.values().forEach(RedisFetcher::close);
    }
  }
}
