package dev.isostream.kinesis;

import dev.isostream.Position;
import dev.isostream.kinesis.KinesisShards.Shard;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Reads shards by polling: whoever waits here is the one schedule for all of them. A shard is read
 * again after the interval at the earliest, later where that would be more than it grants, and not
 * while something of it waits to be told; so what is held stays bounded.
 *
 * <p>A shard whose parents are read here too waits until those have ended: so everybody reads a key
 * in order across a split or a merge. (A member is given a child only then; see the leases.)
 */
class KinesisSource implements Source {

  private static final int FIRST_GUESS_BYTES = 16 << 10;
  private static final int MOST_RECORDS = 10_000;

  /** What a shard grants to all readers together. */
  private static final long SHARD_BYTES_PER_SECOND = 2L << 20;

  /** After a refusal; others read the shard too. */
  private static final long THROTTLED_NANOS = Duration.ofMillis(500).toNanos();

  /** An answer that is empty and so far behind: the number is older than what is left. */
  private static final long SHORTEST_RETENTION_MILLIS = Duration.ofHours(23).toMillis();

  private final KinesisClients clients;
  final KinesisStream stream;
  private final int maxPollRecords;
  private final long maxFetchBytes;
  private final long intervalNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  // Guarded by the lock.
  private KinesisShards shards;
  private final Map<String, KinesisLane> lanes = new LinkedHashMap<>();
  private final List<Gone> gone = new ArrayList<>();
  private @Nullable DriverException failure;
  private boolean woken;
  private boolean listing;
  private boolean closed;
  private int typicalBytes = FIRST_GUESS_BYTES;

  /** A place that is not there any more. */
  private record Gone(KinesisLane lane, int generation, Position first) {}

  KinesisSource(
      KinesisClients clients,
      KinesisStream stream,
      KinesisShards shards,
      int maxPollRecords,
      long maxFetchBytes) {
    this.clients = clients;
    this.stream = stream;
    this.shards = shards;
    this.maxPollRecords = Math.max(1, maxPollRecords);
    this.maxFetchBytes = Math.max(1, maxFetchBytes);
    this.intervalNanos = clients.config().readInterval().toNanos();
  }

  private String doing() {
    return "Reading topic \"" + stream.name() + "\"";
  }

  final KinesisClients clients() {
    return clients;
  }

  // ---- telling

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    List<Runnable> tasks = new ArrayList<>();
    lock.lock();
    try {
      long left = maxWait.toNanos();
      while (true) {
        throwFailure();
        long now = clients.nanoTime();
        gather(tasks, listener);
        long due = fetchDue(now);
        if (!tasks.isEmpty() || woken || left <= 0) {
          break;
        }
        long wait = Math.min(left, due);
        left -= wait - Math.max(0, news.awaitNanos(wait));
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    tasks.forEach(Runnable::run);
  }

  private void throwFailure() {
    DriverException problem = failure;
    if (problem != null) {
      failure = null;
      throw problem;
    }
  }

  private void gather(List<Runnable> tasks, SourceListener listener) {
    for (Gone each : gone) {
      if (lanes.get(each.lane.name) == each.lane && each.lane.generation == each.generation) {
        tasks.add(() -> listener.removed(each.lane.lane, new Place.At(each.first), each.first));
      }
    }
    gone.clear();
    int room = maxPollRecords;
    for (KinesisLane lane : List.copyOf(lanes.values())) {
      if (lane.isHeldBack() || lane.ended) {
        continue;
      }
      List<SourceRecord> records = room <= 0 ? List.of() : lane.take(room);
      if (!records.isEmpty()) {
        room -= records.size();
        tasks.add(() -> listener.records(lane.lane, records));
        // the next poll begins with the others
        lanes.remove(lane.name);
        lanes.put(lane.name, lane);
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
    for (KinesisLane lane : lanes.values()) {
      if (lane.isHeldBack()
          || lane.fetching
          || lane.atEnd
          || !lane.isEmpty()
          || awaitsParent(lane)) {
        continue;
      }
      if (shards.get(lane.name) == null) {
        list();
      } else if (lane.dueNanos - now <= 0) {
        fetch(lane, now);
      } else {
        next = Math.min(next, lane.dueNanos - now);
      }
    }
    return next;
  }

  private boolean awaitsParent(KinesisLane lane) {
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

  /** A shard that came later. */
  private void list() {
    if (listing) {
      return;
    }
    listing = true;
    var unused =
        KinesisStream.shards(clients.kinesis(), stream.name())
            .whenComplete(
                (found, problem) -> {
                  lock.lock();
                  try {
                    listing = false;
                    if (found == null) {
                      fail(problem);
                    } else {
                      shards = found;
                      // a shard that is not there any more had nothing left
                      lanes.values().forEach(lane -> lane.atEnd |= found.get(lane.name) == null);
                    }
                    news.signalAll();
                  } finally {
                    lock.unlock();
                  }
                });
  }

  private void fetch(KinesisLane lane, long now) {
    lane.fetching = true;
    lane.dueNanos = now + intervalNanos;
    int generation = lane.generation;
    String iterator = lane.iterator;
    CompletableFuture<KinesisFetch.Result> fetched;
    try {
      fetched =
          iterator != null
              ? KinesisFetch.next(clients.kinesis(), iterator, limit())
              : KinesisFetch.from(
                  clients.kinesis(),
                  stream.name(),
                  lane.name,
                  lane.fetched.sequence(),
                  lane.fromHorizon,
                  limit());
    } catch (RuntimeException e) {
      fetched = CompletableFuture.failedFuture(e);
    }
    var unused =
        fetched.whenComplete((result, problem) -> arrived(lane, generation, now, result, problem));
  }

  /** How many records of each shard at most: the bounds are on all together (contract F1). */
  private int limit() {
    long byBytes = maxFetchBytes / ((long) Math.max(1, lanes.size()) * typicalBytes);
    return (int) Math.max(1, Math.min(Math.min(MOST_RECORDS, maxPollRecords), byBytes));
  }

  private void arrived(
      KinesisLane lane,
      int generation,
      long begun,
      KinesisFetch.@Nullable Result result,
      @Nullable Throwable problem) {
    lock.lock();
    try {
      if (closed || lanes.get(lane.name) != lane || lane.generation != generation) {
        return;
      }
      lane.fetching = false;
      if (result == null) {
        refused(lane, begun, problem);
      } else {
        accept(lane, begun, result);
      }
      news.signalAll();
    } catch (RuntimeException e) {
      fail(e);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void refused(KinesisLane lane, long begun, @Nullable Throwable problem) {
    String code = KinesisErrors.code(problem);
    if (code.equals("ExpiredIteratorException")) {
      lane.reopen();
    } else if (code.equals("ProvisionedThroughputExceededException")) {
      lane.dueNanos = begun + THROTTLED_NANOS;
    } else if (lane.iterator != null && KinesisFetch.isUnknown(problem)) {
      lane.reopen(); // what it stood behind is not there any more; else that fails in its turn
    } else {
      fail(problem);
    }
  }

  private void fail(@Nullable Throwable problem) {
    if (failure == null) {
      failure =
          KinesisErrors.translate(doing(), problem == null ? new IllegalStateException() : problem);
    }
    news.signalAll();
  }

  private void accept(KinesisLane lane, long begun, KinesisFetch.Result result) {
    GetRecordsResponse answer = result.answer();
    lane.fromHorizon |= result.fromHorizon();
    lane.iterator = answer.nextShardIterator();
    if (answer.records().isEmpty()
        && lane.expected != null
        && !lane.fromHorizon
        && answer.millisBehindLatest() != null
        && answer.millisBehindLatest() >= SHORTEST_RETENTION_MILLIS) {
      lane.fromHorizon = true;
      lane.reopen();
      return;
    }
    long bytes = 0;
    for (Record each : answer.records()) {
      bytes += each.data().asByteArrayUnsafe().length;
      if (!accept(lane, each)) {
        return;
      }
    }
    if (!answer.records().isEmpty()) {
      long average = bytes / answer.records().size();
      typicalBytes = (int) Math.max(1024, Math.max(average, typicalBytes / 2));
      long granted = bytes * Duration.ofSeconds(1).toNanos() / SHARD_BYTES_PER_SECOND;
      lane.dueNanos = begun + Math.max(intervalNanos, granted);
    }
    if (lane.unproven && (lane.iterator == null || isAtTip(answer))) {
      lane.unproven = false;
      KinesisId first = lane.horizon;
      if (first != null) {
        tellGone(lane, first); // behind everything that is there
        return;
      }
    }
    if (lane.iterator == null) {
      lane.atEnd = true;
    }
  }

  private static boolean isAtTip(GetRecordsResponse answer) {
    return answer.millisBehindLatest() != null && answer.millisBehindLatest() == 0;
  }

  private void tellGone(KinesisLane lane, KinesisId first) {
    lane.gone = true;
    gone.add(new Gone(lane, lane.generation, stream.position(lane.name, first)));
  }

  /** False where the lane stands still from here on. */
  private boolean accept(KinesisLane lane, Record read) {
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

  // ---- from the engine

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

  @Override
  public final void read(Lane lane, Place place) {
    lock.lock();
    try {
      KinesisLane mine = held(lane);
      if (mine == null) {
        mine = new KinesisLane(lane);
        lanes.put(lane.name(), mine);
      }
      if (stream.holds(place)) {
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

  /** The lane, if it is still that one; calls for a former one do nothing. */
  private @Nullable KinesisLane held(Lane lane) {
    KinesisLane mine = lanes.get(lane.name());
    return mine != null && mine.lane.equals(lane) ? mine : null;
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
      KinesisLane mine = held(lane);
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
      KinesisLane mine = held(lane);
      if (mine != null) {
        lanes.remove(lane.name());
        mine.generation++;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public final boolean hasReached(Lane lane, Place end) {
    lock.lock();
    try {
      KinesisLane mine = held(lane);
      return mine != null && mine.hasReached(KinesisId.before(end));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      lanes.clear();
      gone.clear();
    } finally {
      lock.unlock();
    }
  }
}
