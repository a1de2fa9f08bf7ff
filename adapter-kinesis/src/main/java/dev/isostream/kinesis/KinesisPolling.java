package dev.isostream.kinesis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Asks for records: a shard is read again after the interval at the earliest, later where that
 * would be more than it grants, and not while something of it waits to be told; so what is held
 * stays bounded.
 */
final class KinesisPolling implements KinesisFeed {

  private static final int FIRST_GUESS_BYTES = 16 << 10;
  private static final int MOST_RECORDS = 10_000;

  /** What a shard grants to all readers together. */
  private static final long SHARD_BYTES_PER_SECOND = 2L << 20;

  /** After a refusal; others read the shard too. */
  private static final long THROTTLED_NANOS = Duration.ofMillis(500).toNanos();

  /** An answer that is empty and so far behind: the number is older than what is left. */
  private static final long SHORTEST_RETENTION_MILLIS = Duration.ofHours(23).toMillis();

  private final KinesisClients clients;
  private final KinesisLanes lanes;
  private final int maxPollRecords;
  private final long maxFetchBytes;
  private final long intervalNanos;
  private int typicalBytes = FIRST_GUESS_BYTES;

  KinesisPolling(
      KinesisClients clients, KinesisLanes lanes, int maxPollRecords, long maxFetchBytes) {
    this.clients = clients;
    this.lanes = lanes;
    this.maxPollRecords = Math.max(1, maxPollRecords);
    this.maxFetchBytes = Math.max(1, maxFetchBytes);
    this.intervalNanos = clients.config().readInterval().toNanos();
  }

  @Override
  public long feed(KinesisLane lane, long now) {
    if (lane.fetching) {
      return NOTHING_DUE;
    }
    if (lane.dueNanos - now > 0) {
      return lane.dueNanos - now;
    }
    fetch(lane, now);
    return NOTHING_DUE;
  }

  @Override
  public long rest(KinesisLane lane, long now) {
    return NOTHING_DUE;
  }

  /** The lane's generation tells what comes too late. */
  @Override
  public void drop(KinesisLane lane) {}

  private void fetch(KinesisLane lane, long now) {
    lane.fetching = true;
    lane.dueNanos = now + intervalNanos;
    int generation = lane.generation;
    CompletableFuture<KinesisFetch.Result> fetched;
    try {
      fetched = begin(lane);
    } catch (RuntimeException e) {
      fetched = CompletableFuture.failedFuture(e);
    }
    var unused =
        fetched.whenComplete(
            (result, problem) ->
                lanes.arrived(lane, generation, () -> take(lane, now, result, problem)));
  }

  private CompletableFuture<KinesisFetch.Result> begin(KinesisLane lane) {
    String iterator = lane.iterator;
    if (iterator != null) {
      return KinesisFetch.next(clients.kinesis(), iterator, limit());
    }
    String stream = lanes.stream.name();
    return lane.continuation == null
        ? KinesisFetch.from(
            clients.kinesis(),
            stream,
            lane.name,
            lane.fetched.sequence(),
            lane.fromHorizon,
            limit())
        : KinesisFetch.after(clients.kinesis(), stream, lane.name, lane.last(), limit());
  }

  /** How many records of each shard at most: the bounds are on all together (contract F1). */
  private int limit() {
    long byBytes = maxFetchBytes / ((long) Math.max(1, lanes.count()) * typicalBytes);
    return (int) Math.max(1, Math.min(Math.min(MOST_RECORDS, maxPollRecords), byBytes));
  }

  private void take(
      KinesisLane lane,
      long begun,
      KinesisFetch.@Nullable Result result,
      @Nullable Throwable problem) {
    lane.fetching = false;
    if (result == null) {
      refused(lane, begun, problem);
    } else {
      accept(lane, begun, result);
    }
  }

  private void refused(KinesisLane lane, long begun, @Nullable Throwable problem) {
    String code = KinesisErrors.code(problem);
    if (code.equals("ExpiredIteratorException")) {
      lane.renew();
    } else if (code.equals("ProvisionedThroughputExceededException")) {
      lane.dueNanos = begun + THROTTLED_NANOS;
    } else if ((lane.iterator != null || lane.continuation != null)
        && KinesisFetch.isUnknown(problem)) {
      lane.reopen(); // what it stood behind is not there any more; else that fails in its turn
    } else {
      lanes.fail(problem);
    }
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
      if (!lanes.accept(lane, each)) {
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
        lanes.tellGone(lane, first); // behind everything that is there
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
}
