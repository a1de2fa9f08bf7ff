package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.SequenceNumberRange;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;

/** Events as the service documents them; the emulator does not tell of a shard's end. */
class KinesisSubscriptionTest {

  private static final String SHARD = "shardId-000000000000";

  private final KinesisStream stream =
      new KinesisStream("t", "arn:aws:kinesis:r:1:stream/t", Instant.EPOCH, StreamStatus.ACTIVE);
  private final KinesisLanes lanes = new KinesisLanes(stream, shards());
  private final KinesisLane lane = new KinesisLane(new Lane(SHARD, 1, true));
  private final KinesisSubscription subscription = new KinesisSubscription(lanes, lane, () -> 7);
  private final Events events = new Events();

  KinesisSubscriptionTest() {
    lane.goTo(Place.Origin.INSTANCE);
    lanes.put(lane);
  }

  private static KinesisShards shards() {
    return new KinesisShards(
        List.of(
            software.amazon.awssdk.services.kinesis.model.Shard.builder()
                .shardId(SHARD)
                .hashKeyRange(
                    HashKeyRange.builder().startingHashKey("0").endingHashKey("9").build())
                .sequenceNumberRange(
                    SequenceNumberRange.builder().startingSequenceNumber("1").build())
                .build()));
  }

  /** What the subscription asked for. */
  private static final class Events implements Subscription {
    private long asked;
    private boolean canceled;

    @Override
    public void request(long count) {
      asked += count;
    }

    @Override
    public void cancel() {
      canceled = true;
    }
  }

  private KinesisSubscription begun() {
    KinesisSubscription begun = new KinesisSubscription(lanes, lane, () -> 7);
    lane.subscription = begun;
    begun.onSubscribe(events);
    return begun;
  }

  private static Record record(long number) {
    return Record.builder()
        .sequenceNumber(Long.toString(number))
        .partitionKey("k")
        .data(SdkBytes.fromUtf8String("r" + number))
        .build();
  }

  private static SubscribeToShardEvent.Builder event(long... numbers) {
    return SubscribeToShardEventStream.subscribeToShardEventBuilder()
        .millisBehindLatest(0L)
        .records(
            java.util.Arrays.stream(numbers).mapToObj(KinesisSubscriptionTest::record).toList());
  }

  private List<String> told() {
    return lane.take(100).stream().map(KinesisSubscriptionTest::payload).toList();
  }

  private static String payload(SourceRecord told) {
    return new String(Objects.requireNonNull(told.payload()), StandardCharsets.UTF_8);
  }

  @Test
  void anEventIsAskedForOnce() {
    KinesisSubscription begun = begun();
    assertThat(events.asked).as("nothing unless there is room").isZero();
    begun.ask();
    begun.ask();
    assertThat(events.asked).isEqualTo(1);
    begun.onNext(event(2, 3).continuationSequenceNumber("3").build());
    assertThat(events.asked).isEqualTo(1);
    begun.ask();
    assertThat(events.asked).isEqualTo(2);
  }

  @Test
  void whatComesTwiceIsTakenOnceAndTheServiceSaysWhereItGoesOn() {
    KinesisSubscription begun = begun();
    begun.onNext(event(2, 3).continuationSequenceNumber("3").build());
    begun.onNext(event(3, 4).continuationSequenceNumber("4").build());
    assertThat(told()).containsExactly("r2", "r3", "r4");
    begun.onNext(event().continuationSequenceNumber("9").build());
    assertThat(lane.last()).isEqualTo(BigInteger.valueOf(9));
    assertThat(lane.atEnd).isFalse();
    assertThat(begun.hasSpoken()).isTrue();
  }

  @Test
  void aReadThatLooksForItsPlaceAgainMeanwhileMakesNoGap() {
    KinesisSubscription begun = begun();
    begun.onNext(event(2).continuationSequenceNumber("2").build());
    lane.reopen();
    begun.onNext(event(3).continuationSequenceNumber("3").build());
    assertThat(lane.gone).isFalse();
    assertThat(told()).containsExactly("r2", "r3");
  }

  @Test
  void aShardEndsWithItsChildren() {
    KinesisSubscription begun = begun();
    ChildShard child = ChildShard.builder().shardId("shardId-000000000001").build();
    begun.onNext(event(2).childShards(child).build());
    assertThat(lane.atEnd).isTrue();
    assertThat(told()).as("what came before the end").containsExactly("r2");
  }

  @Test
  void whatComesForAFormerPlaceIsDropped() {
    KinesisSubscription begun = begun();
    lane.goTo(Place.Origin.INSTANCE);
    begun.onNext(event(2).continuationSequenceNumber("2").build());
    assertThat(told()).isEmpty();
    lane.subscription = null;
    subscription.onSubscribe(events);
    assertThat(events.canceled).as("one that began too late").isTrue();
  }

  @Test
  void namesAreOfTheGroupAndTheTable() {
    String longest = "g".repeat(100);
    assertThat(KinesisConsumers.name("isostream", longest))
        .matches("[a-zA-Z0-9_.-]{1,128}")
        .isEqualTo(KinesisConsumers.name("isostream", longest))
        .isNotEqualTo(KinesisConsumers.name("other", longest))
        .isNotEqualTo(KinesisConsumers.name("isostream", "g".repeat(99)));
  }
}
