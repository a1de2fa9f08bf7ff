package dev.isostream.kinesis;

import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads shards: whoever waits here is the one schedule for all of them. Where their records come
 * from is the feed's business.
 *
 * <p>A shard whose parents are read here too waits until those have ended: so everybody reads a key
 * in order across a split or a merge. (A member is given a child only then; see the leases.)
 */
class KinesisSource implements Source {

  private final KinesisClients clients;
  private final KinesisLanes lanes;
  private final KinesisFeed feed;
  private final int maxPollRecords;
  private final ReentrantLock lock;

  // Guarded by the lock.
  private boolean woken;
  private boolean listing;

  KinesisSource(KinesisClients clients, KinesisLanes lanes, KinesisFeed feed, int maxPollRecords) {
    this.clients = clients;
    this.lanes = lanes;
    this.feed = feed;
    this.maxPollRecords = Math.max(1, maxPollRecords);
    this.lock = lanes.lock;
  }

  final KinesisStream stream() {
    return lanes.stream;
  }

  // ---- telling

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    List<Runnable> tasks = new ArrayList<>();
    lock.lock();
    try {
      long left = maxWait.toNanos();
      while (true) {
        lanes.throwFailure();
        long now = clients.nanoTime();
        gather(tasks, listener);
        long due = fetchDue(now);
        if (!tasks.isEmpty() || woken || left <= 0) {
          break;
        }
        long wait = Math.min(left, due);
        left -= wait - Math.max(0, lanes.news.awaitNanos(wait));
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    tasks.forEach(Runnable::run);
  }

  private void gather(List<Runnable> tasks, SourceListener listener) {
    for (KinesisLanes.Gone each : lanes.takeGone()) {
      tasks.add(() -> listener.removed(each.lane().lane, new Place.At(each.first()), each.first()));
    }
    int room = maxPollRecords;
    for (KinesisLane lane : lanes.all()) {
      if (lane.isHeldBack() || lane.ended) {
        continue;
      }
      List<SourceRecord> records = room <= 0 ? List.of() : lane.take(room);
      if (!records.isEmpty()) {
        room -= records.size();
        tasks.add(() -> listener.records(lane.lane, records));
        lanes.moveBack(lane);
      }
      if (lane.atEnd && lane.isEmpty()) {
        lane.ended = true;
        tasks.add(() -> listener.ended(lane.lane));
      }
    }
  }

  // ---- fetching

  /** Begins what is due; says in how many nanoseconds something is. */
  private long fetchDue(long now) {
    long next = Long.MAX_VALUE;
    for (KinesisLane lane : lanes.all()) {
      if (lane.atEnd) {
        feed.drop(lane);
        continue;
      }
      if (lanes.awaitsParent(lane)) {
        continue;
      }
      if (lane.isHeldBack() || !lane.isEmpty()) {
        next = Math.min(next, feed.rest(lane, now));
      } else if (lanes.shard(lane) == null) {
        list();
      } else {
        next = Math.min(next, feed.feed(lane, now));
      }
    }
    return next;
  }

  /** A shard that came later. */
  private void list() {
    if (listing) {
      return;
    }
    listing = true;
    var unused =
        KinesisStream.shards(clients.kinesis(), stream().name())
            .whenComplete(
                (found, problem) -> {
                  lock.lock();
                  try {
                    listing = false;
                    if (found == null) {
                      lanes.fail(problem);
                    } else {
                      lanes.setShards(found);
                    }
                    lanes.news.signalAll();
                  } finally {
                    lock.unlock();
                  }
                });
  }

  // ---- from the engine

  @Override
  public final void wakeup() {
    lock.lock();
    try {
      woken = true;
      lanes.news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final void read(Lane lane, Place place) {
    lock.lock();
    try {
      KinesisLane mine = lanes.held(lane);
      if (mine == null) {
        mine = new KinesisLane(lane);
        KinesisLane former = lanes.put(mine);
        if (former != null) {
          feed.drop(former);
        }
      } else {
        feed.drop(mine);
      }
      if (stream().holds(place)) {
        mine.goTo(place);
      } else {
        // of another stream of that name: whatever is first here comes in its place
        mine.goTo(Place.Origin.INSTANCE);
        mine.expect(KinesisId.ORIGIN);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final void pause(Lane lane) {
    setPaused(lane, true);
  }

  @Override
  public final void resume(Lane lane) {
    setPaused(lane, false);
  }

  private void setPaused(Lane lane, boolean paused) {
    lock.lock();
    try {
      KinesisLane mine = lanes.held(lane);
      if (mine != null) {
        mine.paused = paused;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final void stop(Lane lane) {
    lock.lock();
    try {
      KinesisLane mine = lanes.held(lane);
      if (mine != null) {
        lanes.remove(mine);
        feed.drop(mine);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final boolean hasReached(Lane lane, Place end) {
    lock.lock();
    try {
      KinesisLane mine = lanes.held(lane);
      return mine != null && mine.hasReached(KinesisId.before(end));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      List<KinesisLane> all = lanes.all();
      lanes.close();
      all.forEach(feed::drop);
    } finally {
      lock.unlock();
    }
  }
}
