package dev.isostream.kinesis;

import dev.isostream.Position;
import dev.isostream.kinesis.KinesisShards.Shard;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.Lane;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * The lanes that a source reads, and what came in for them and waits to be told. Everything in it
 * is guarded by its lock, which whoever calls holds, but where it says otherwise.
 */
final class KinesisLanes {

  final ReentrantLock lock = new ReentrantLock();
  final Condition news = lock.newCondition();

  final KinesisStream stream;
  private final Map<String, KinesisLane> lanes = new LinkedHashMap<>();
  private final List<Gone> gone = new ArrayList<>();
  private KinesisShards shards;
  private @Nullable DriverException failure;
  private boolean closed;

  /** A place that is not there any more. */
  record Gone(KinesisLane lane, int generation, Position first) {}

  KinesisLanes(KinesisStream stream, KinesisShards shards) {
    this.stream = stream;
    this.shards = shards;
  }

  /** What a source does, for messages of errors. Any thread, no lock. */
  String doing() {
    return "Reading topic \"" + stream.name() + "\"";
  }

  // ---- which there are

  List<KinesisLane> all() {
    return List.copyOf(lanes.values());
  }

  int count() {
    return lanes.size();
  }

  @Nullable KinesisLane get(String name) {
    return lanes.get(name);
  }

  /** The lane, if it is still that one; calls for a former one do nothing. */
  @Nullable KinesisLane held(Lane lane) {
    KinesisLane mine = lanes.get(lane.name());
    return mine != null && mine.lane.equals(lane) ? mine : null;
  }

  /** The one that this takes the place of. */
  @Nullable KinesisLane put(KinesisLane lane) {
    return lanes.put(lane.name, lane);
  }

  void remove(KinesisLane lane) {
    lane.generation++;
    lanes.remove(lane.name, lane);
  }

  /** The next poll begins with the others. */
  void moveBack(KinesisLane lane) {
    lanes.remove(lane.name);
    lanes.put(lane.name, lane);
  }

  void close() {
    closed = true;
    lanes.clear();
    gone.clear();
  }

  private boolean isCurrent(KinesisLane lane, int generation) {
    return !closed && lanes.get(lane.name) == lane && lane.generation == generation;
  }

  // ---- their shards

  @Nullable Shard shard(KinesisLane lane) {
    return shards.get(lane.name);
  }

  /** A shard that is not there any more had nothing left. */
  void setShards(KinesisShards found) {
    shards = found;
    lanes.values().forEach(lane -> lane.atEnd |= found.get(lane.name) == null);
  }

  boolean awaitsParent(KinesisLane lane) {
    Shard shard = shards.get(lane.name);
    if (shard == null) {
      return false;
    }
    for (String parent : shard.parents()) {
      KinesisLane read = lanes.get(parent);
      if (read != null && !read.ended) {
        return true;
      }
    }
    return false;
  }

  // ---- what comes in

  /**
   * Takes something in, where the lane is still read from the place that it was asked for at. Any
   * thread, without the lock.
   */
  void arrived(KinesisLane lane, int generation, Runnable taking) {
    lock.lock();
    try {
      if (isCurrent(lane, generation)) {
        taking.run();
      }
    } catch (RuntimeException e) {
      fail(e);
    } finally {
      news.signalAll();
      lock.unlock();
    }
  }

  /** The next poll tells it. */
  void fail(@Nullable Throwable problem) {
    if (failure == null) {
      failure =
          KinesisErrors.translate(doing(), problem == null ? new IllegalStateException() : problem);
    }
    news.signalAll();
  }

  void throwFailure() {
    DriverException problem = failure;
    if (problem != null) {
      failure = null;
      throw problem;
    }
  }

  /** Adds a record, which may be there already; false where the lane stands still from here on. */
  boolean accept(KinesisLane lane, Record read) {
    KinesisId start = new KinesisId(new BigInteger(read.sequenceNumber()), 0);
    KinesisId expected = lane.expected;
    if (expected != null) {
      int order = start.sequence().compareTo(expected.sequence());
      if (order < 0) {
        if (lane.horizon == null) {
          lane.horizon = start;
        }
        return true; // what comes before the place, from the trim horizon on
      }
      lane.expect(null);
      lane.fromHorizon = false;
      if (order > 0) {
        tellGone(lane, start);
        return false;
      }
    }
    KinesisId fetched = lane.fetched;
    if (start.sequence().compareTo(fetched.sequence()) < 0
        || (fetched.index() == KinesisId.ALL && start.sequence().equals(fetched.sequence()))) {
      return true; // once more
    }
    KinesisRecords.Content content =
        KinesisRecords.content(stream, lane.name, shards.get(lane.name), read);
    lane.add(content, start, read);
    return true;
  }

  void tellGone(KinesisLane lane, KinesisId first) {
    lane.gone = true;
    gone.add(new Gone(lane, lane.generation, stream.position(lane.name, first)));
  }

  /** Places that turned out to be gone, once each. */
  List<Gone> takeGone() {
    List<Gone> taken = gone.stream().filter(each -> isCurrent(each.lane, each.generation)).toList();
    gone.clear();
    return taken;
  }
}
