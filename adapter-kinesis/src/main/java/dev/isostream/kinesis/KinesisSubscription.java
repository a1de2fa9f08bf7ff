package dev.isostream.kinesis;

import java.math.BigInteger;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * One subscription to one shard, which brings an event each time that it is asked. Guarded by the
 * lanes' lock; the client's calls take it.
 */
final class KinesisSubscription implements Subscriber<SubscribeToShardEventStream> {

  private final KinesisLanes lanes;
  private final KinesisLane lane;
  private final int generation;
  private final LongSupplier nanoTime;
  private @Nullable CompletableFuture<Void> call;
  private @Nullable Subscription events;

  /** Whether an event is on its way. */
  private boolean asked;

  private boolean spoken;
  private long silentSinceNanos;

  KinesisSubscription(KinesisLanes lanes, KinesisLane lane, LongSupplier nanoTime) {
    this.lanes = lanes;
    this.lane = lane;
    this.generation = lane.generation;
    this.nanoTime = nanoTime;
    this.silentSinceNanos = nanoTime.getAsLong();
  }

  /** Completes when it has ended, for whatever reason. */
  CompletableFuture<Void> open(KinesisAsyncClient client, String consumerArn) {
    CompletableFuture<Void> begun =
        client.subscribeToShard(
            SubscribeToShardRequest.builder()
                .consumerARN(consumerArn)
                .shardId(lane.name)
                .startingPosition(behind(lane.last()))
                .build(),
            SubscribeToShardResponseHandler.builder()
                .onEventStream(publisher -> publisher.subscribe(this))
                .build());
    call = begun;
    return begun;
  }

  private static StartingPosition behind(BigInteger last) {
    return last.signum() == 0
        ? StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build()
        : StartingPosition.builder()
            .type(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
            .sequenceNumber(last.toString())
            .build();
  }

  /** Whether an event has come. */
  boolean hasSpoken() {
    return spoken;
  }

  /** When it began, was asked, or brought an event: whichever came last. */
  long silentSinceNanos() {
    return silentSinceNanos;
  }

  /** Asks for the next event, unless that was done. */
  void ask() {
    Subscription bringing = events;
    if (bringing != null && !asked) {
      asked = true;
      silentSinceNanos = nanoTime.getAsLong();
      bringing.request(1);
    }
  }

  void cancel() {
    Subscription bringing = events;
    CompletableFuture<Void> begun = call;
    if (bringing != null) {
      bringing.cancel();
    } else if (begun != null) {
      begun.cancel(true);
    }
  }

  private boolean isCurrent() {
    return lane.subscription == this;
  }

  // ---- from the client

  /** Where the lane has room by then, the next look at it asks for the first event. */
  @Override
  public void onSubscribe(Subscription subscription) {
    lanes.lock.lock();
    try {
      events = subscription;
      if (isCurrent()) {
        lanes.news.signalAll();
      } else {
        subscription.cancel();
      }
    } finally {
      lanes.lock.unlock();
    }
  }

  @Override
  public void onNext(SubscribeToShardEventStream event) {
    lanes.arrived(
        lane,
        generation,
        () -> {
          if (isCurrent()) {
            asked = false;
            silentSinceNanos = nanoTime.getAsLong();
            if (event instanceof SubscribeToShardEvent records) {
              spoken = true;
              take(records);
            }
          }
        });
  }

  /** It began where the lane was, and leaves nothing out: no place is looked for any more. */
  private void take(SubscribeToShardEvent event) {
    lane.expect(null);
    lane.fromHorizon = false;
    for (Record each : event.records()) {
      if (!lanes.accept(lane, each)) {
        return;
      }
    }
    String next = event.continuationSequenceNumber();
    lane.refusals = 0;
    lane.continuation = next == null ? lane.last() : new BigInteger(next);
    lane.atEnd = next == null || !event.childShards().isEmpty();
  }

  /** That the call has failed tells it too. */
  @Override
  public void onError(Throwable failure) {}

  /** That the call is done tells it too. */
  @Override
  public void onComplete() {}
}
