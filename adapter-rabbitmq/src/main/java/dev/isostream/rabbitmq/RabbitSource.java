package dev.isostream.rabbitmq;

import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads lanes, each by a subscription at its stream's leader; with a connection for each node.
 *
 * <p>The broker pushes chunks as long as it has credit for the lane. A credit is given back when
 * what it brought was told, and none while the lane is paused: so what is fetched stays bounded.
 *
 * <p>Threads: the owner tells, the connections' threads add what arrives, and whatever waits for
 * the broker is done in order on {@link RabbitSerial}.
 */
class RabbitSource implements Source {

  static final int SUBSCRIPTIONS = 256;

  /** So many polls' messages are fetched of a lane, if bytes allow: a credit takes its time. */
  private static final int POLLS_AHEAD = 4;

  private final RabbitCluster cluster;
  final RabbitTopic topic;
  private final RabbitSerial serial;
  private final int maxPollRecords;
  private final long maxFetchBytes;
  final ReentrantLock lock = new ReentrantLock();
  final Condition news = lock.newCondition();

  // Guarded by the lock.
  private final Map<String, RabbitLane> lanes = new LinkedHashMap<>();
  final Map<RabbitNode, RabbitReads> links = new HashMap<>();
  private final ArrayDeque<Gone> gone = new ArrayDeque<>();
  private @Nullable DriverException failure;
  private boolean woken;
  boolean closed;

  /** A place that is not there any more. */
  private record Gone(RabbitLane lane, int generation, long earliest, boolean any) {}

  RabbitSource(RabbitCluster cluster, RabbitTopic topic, int maxPollRecords, long maxFetchBytes) {
    this.cluster = cluster;
    this.topic = topic;
    this.serial = new RabbitSerial(cluster.blocking());
    this.maxPollRecords = Math.max(1, maxPollRecords);
    this.maxFetchBytes = Math.max(1, maxFetchBytes);
  }

  String doing() {
    return "Reading topic \"" + topic.name() + "\"";
  }

  void fail(DriverException cause) {
    if (failure == null) {
      failure = cause;
    }
    news.signal();
  }

  // ---- what waits for the broker

  /** Messages are missing: removed, or none that readers may see. */
  void doubt(RabbitLane lane, long expected) {
    lane.doubtful = true;
    int generation = lane.generation;
    serial.execute(
        () -> {
          DriverException problem = null;
          long kept = 0;
          try {
            kept = cluster.kept(lane.partition.stream());
          } catch (RuntimeException e) {
            problem = RabbitErrors.translate(doing(), e);
          }
          lock.lock();
          try {
            if (lane.generation != generation || lanes.get(lane.lane.name()) != lane) {
              return;
            }
            lane.doubtful = false;
            if (problem != null) {
              lane.goTo(expected);
              unsubscribe(lane);
              fail(problem);
            } else if (kept > expected) {
              RabbitRecords.Stored found = lane.fetched.peek();
              gone.add(
                  new Gone(lane, generation, found == null ? kept : found.offset(), found != null));
              lane.fetched.clear();
              lane.fetchedBytes = 0;
              lane.gone = true;
              news.signal();
            } else {
              news.signal();
            }
          } finally {
            lock.unlock();
          }
        });
  }

  private void subscribe(RabbitLane lane) {
    int generation = lane.generation;
    lane.subscribed = true;
    serial.execute(
        () -> {
          try {
            subscribeNow(lane, generation);
          } catch (RuntimeException e) {
            lock.lock();
            try {
              if (lane.generation == generation) {
                lane.subscribed = false;
                fail(RabbitErrors.translate(doing(), e));
              }
            } finally {
              lock.unlock();
            }
          }
        });
  }

  private void subscribeNow(RabbitLane lane, int generation) {
    unsubscribeNow(lane);
    RabbitNode node = cluster.leader(lane.partition.stream());
    RabbitReads link = link(node);
    long from;
    int subscription;
    lock.lock();
    try {
      if (lane.generation != generation || closed || lanes.get(lane.lane.name()) != lane) {
        return;
      }
      subscription = link.subscribe(lane);
      lane.subscription = subscription;
      lane.link = link.link;
      lane.owed = 0;
      from = lane.next;
    } finally {
      lock.unlock();
    }
    RabbitLink native_ = link.link;
    if (native_ != null) {
      native_.subscribe(
          subscription,
          lane.partition.stream(),
          OffsetSpecification.offset(from),
          RabbitLane.CREDITS);
    }
  }

  private RabbitReads link(RabbitNode node) {
    lock.lock();
    try {
      RabbitReads known = links.get(node);
      if (known != null && known.link != null && known.link.isOpen()) {
        return known;
      }
    } finally {
      lock.unlock();
    }
    RabbitReads made = new RabbitReads(this, node);
    RabbitLink opened = cluster.open(node, "consumer", made);
    lock.lock();
    try {
      made.link = opened;
      if (!closed) {
        links.put(node, made);
        return made;
      }
    } finally {
      lock.unlock();
    }
    opened.close();
    throw RabbitErrors.of(ErrorKind.CLOSED, doing(), null);
  }

  private void unsubscribe(RabbitLane lane) {
    lane.subscribed = false;
    serial.execute(
        () -> {
          try {
            unsubscribeNow(lane);
          } catch (DriverException e) {
            // the connection is in trouble, and says so itself
          }
        });
  }

  private void unsubscribeNow(RabbitLane lane) {
    RabbitLink link;
    int subscription;
    lock.lock();
    try {
      link = lane.link;
      subscription = lane.subscription;
      lane.link = null;
      lane.subscription = -1;
    } finally {
      lock.unlock();
    }
    if (link == null) {
      return;
    }
    if (link.isOpen()) {
      link.unsubscribe(subscription);
    }
    lock.lock();
    try {
      for (RabbitReads each : links.values()) {
        if (each.link == link) {
          each.subscriptions.remove(subscription);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- the owner's

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    List<Runnable> told = new ArrayList<>();
    lock.lock();
    try {
      long left = maxWait.toNanos();
      while (true) {
        throwFailure();
        resubscribe();
        gather(told, listener);
        if (!told.isEmpty() || woken || left <= 0) {
          break;
        }
        left = news.awaitNanos(left);
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
  }

  private void throwFailure() {
    DriverException problem = failure;
    if (problem != null) {
      failure = null;
      throw problem;
    }
  }

  private void resubscribe() {
    for (RabbitLane lane : lanes.values()) {
      if (!lane.subscribed && !lane.gone && !lane.paused) {
        subscribe(lane);
      }
    }
  }

  private void gather(List<Runnable> told, SourceListener listener) {
    for (Gone each = gone.poll(); each != null; each = gone.poll()) {
      Gone place = each;
      if (place.lane.generation == place.generation && lanes.containsValue(place.lane)) {
        Position earliest = place.lane.partition.position(place.earliest);
        told.add(
            () ->
                listener.removed(
                    place.lane.lane, new Place.At(earliest), place.any ? earliest : null));
      }
    }
    int room = maxPollRecords;
    List<RabbitLane> turn = List.copyOf(lanes.values());
    for (RabbitLane lane : turn) {
      if (room <= 0) {
        break;
      }
      List<SourceRecord> records = lane.take(room);
      if (!lane.isHeldBack()) {
        pay(lane);
      }
      if (!records.isEmpty()) {
        room -= records.size();
        told.add(() -> listener.records(lane.lane, records));
        // the next poll begins with the others
        lanes.remove(lane.lane.name());
        lanes.put(lane.lane.name(), lane);
      }
    }
  }

  private boolean hasRoom(RabbitLane lane) {
    return lane.fetched.size() < POLLS_AHEAD * maxPollRecords
        && lane.fetchedBytes * Math.max(1, lanes.size()) < maxFetchBytes;
  }

  /** Gives credits back. */
  void pay(RabbitLane lane) {
    RabbitLink link = lane.link;
    if (lane.owed == 0 || lane.paused || !lane.subscribed || link == null) {
      return;
    }
    if (hasRoom(lane)) {
      int owed = lane.owed;
      lane.owed = 0;
      link.credit(lane.subscription, owed);
    }
  }

  @Override
  public void wakeup() {
    lock.lock();
    try {
      woken = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void read(Lane lane, Place place) {
    lock.lock();
    try {
      RabbitLane mine = lanes.get(lane.name());
      if (mine == null || !mine.lane.equals(lane)) {
        if (mine != null) {
          unsubscribe(mine);
        }
        mine = new RabbitLane(lane, partition(lane.name()));
        lanes.put(lane.name(), mine);
      }
      boolean known = RabbitTopic.isPossible(place);
      mine.goTo(known ? RabbitTopic.offset(place) : 0);
      if (!known) {
        mine.gone = true;
        impossible(mine);
      } else if (!mine.paused) {
        subscribe(mine);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Partitions that came later are named by their numbers too. */
  private RabbitTopic.Partition partition(String name) {
    return cluster.latest(topic).partition(name);
  }

  private void impossible(RabbitLane lane) {
    int generation = lane.generation;
    serial.execute(
        () -> {
          try {
            long begin = cluster.begin(lane.partition.stream());
            boolean any = cluster.end(lane.partition.stream()) > begin;
            lock.lock();
            try {
              gone.add(new Gone(lane, generation, begin, any));
              news.signal();
            } finally {
              lock.unlock();
            }
          } catch (RuntimeException e) {
            lock.lock();
            try {
              fail(RabbitErrors.translate(doing(), e));
            } finally {
              lock.unlock();
            }
          }
        });
  }

  @Override
  public void pause(Lane lane) {
    setPaused(lane, true);
  }

  @Override
  public void resume(Lane lane) {
    setPaused(lane, false);
  }

  private void setPaused(Lane lane, boolean paused) {
    lock.lock();
    try {
      RabbitLane mine = held(lane);
      if (mine != null && mine.paused != paused) {
        mine.paused = paused;
        if (!paused) {
          pay(mine);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable RabbitLane held(Lane lane) {
    RabbitLane mine = lanes.get(lane.name());
    return mine != null && mine.lane.equals(lane) ? mine : null;
  }

  @Override
  public void stop(Lane lane) {
    lock.lock();
    try {
      RabbitLane mine = held(lane);
      if (mine != null) {
        lanes.remove(lane.name());
        mine.generation++;
        unsubscribe(mine);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean hasReached(Lane lane, Place end) {
    lock.lock();
    try {
      RabbitLane mine = held(lane);
      return mine != null && !mine.gone && mine.toTell >= RabbitTopic.offset(end);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    List<RabbitReads> all;
    lock.lock();
    try {
      closed = true;
      lanes.clear();
      all = List.copyOf(links.values());
      links.clear();
    } finally {
      lock.unlock();
    }
    for (RabbitReads each : all) {
      RabbitLink link = each.link;
      if (link != null) {
        link.close();
      }
    }
  }
}
