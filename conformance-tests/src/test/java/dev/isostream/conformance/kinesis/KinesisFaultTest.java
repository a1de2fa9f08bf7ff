package dev.isostream.conformance.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Consumer;
import dev.isostream.Exhausted;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.kinesis.model.AccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;

/** What the services refuse, and lose, and what has arrived all the same. */
class KinesisFaultTest extends OwnKinesis {
  private static final int KEYS = 40;
  private static final int PER_KEY = 12;
  private static final int SHARDS = 4;

  private Messaging connect() {
    return KinesisBench.connect(broker());
  }

  private static RuntimeException throttled() {
    return KinesisInjection.error(
        ProvisionedThroughputExceededException.builder(),
        "ProvisionedThroughputExceededException",
        400);
  }

  /** Throws at every so many-th request of a kind, until it was so often. */
  private static KinesisInjection.Fault every(
      int nth,
      AtomicInteger thrown,
      Class<? extends SdkRequest> kind,
      java.util.function.Supplier<RuntimeException> error) {
    AtomicInteger count = new AtomicInteger();
    return request -> {
      if (kind.isInstance(request) && count.incrementAndGet() % nth == 0) {
        thrown.incrementAndGet();
        throw error.get();
      }
    };
  }

  private void sendsAndStores() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      try (Producer<String> producer = messaging.producer(topic).open()) {
        KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 0, PER_KEY));
      }
      KinesisBench.assertStored(messaging, topic, KEYS, PER_KEY);
    }
  }

  @Test
  void recordsRefusedWithinARequestArriveOnceAndInOrder() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    KinesisInjection.Refusal some =
        (stream, record) -> {
          int number = seen.incrementAndGet();
          if (number % 3 != 0 || number > 60) {
            return null;
          }
          refused.incrementAndGet();
          return number % 2 == 0 ? "InternalFailure" : "ProvisionedThroughputExceededException";
        };
    KinesisInjection.withRefusal(some, this::sendsAndStores);
    assertThat(refused).hasPositiveValue();
  }

  @Test
  void throttlingIsBackpressure() throws Exception {
    AtomicInteger thrown = new AtomicInteger();
    KinesisInjection.withFault(
        every(2, thrown, PutRecordsRequest.class, KinesisFaultTest::throttled),
        this::sendsAndStores);
    assertThat(thrown).hasPositiveValue();
  }

  /** Loses the first replies to requests that were carried out. */
  private static KinesisInjection.Change losing(int replies, AtomicInteger puts) {
    return (request, response) -> {
      if (response instanceof PutRecordsResponse && puts.incrementAndGet() <= replies) {
        throw SdkClientException.create("injected: the reply got lost");
      }
      return response;
    };
  }

  @Test
  void whatWasStoredThoughItsReplyGotLostIsFoundAndNotPutAgain() throws Exception {
    AtomicInteger puts = new AtomicInteger();
    Topic<String> topic = KinesisBench.topic();
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      try (Producer<String> producer = messaging.producer(topic).open()) {
        KinesisInjection.withChange(
            losing(1, puts), () -> KinesisBench.confirmed(KinesisBench.send(producer, 1, 0, 1)));
        assertThat(puts).as("requests for one message").hasValue(1);
        KinesisInjection.withChange(
            losing(3, puts),
            () -> KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 1, PER_KEY)));
      }
      assertThat(KinesisBench.read(messaging, topic))
          .doesNotHaveDuplicates()
          .hasSize(1 + KEYS * PER_KEY);
    }
  }

  @Test
  void whoMayNotReadPutsItAgainAndItIsSeenOnce() throws Exception {
    AtomicInteger puts = new AtomicInteger();
    AtomicInteger denied = new AtomicInteger();
    Topic<String> topic = KinesisBench.topic();
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      KinesisInjection.withFault(
          every(
              1,
              denied,
              GetShardIteratorRequest.class,
              () ->
                  KinesisInjection.error(
                      AccessDeniedException.builder(), "AccessDeniedException", 400)),
          () ->
              KinesisInjection.withChange(
                  losing(2, puts),
                  () -> {
                    try (Producer<String> producer = messaging.producer(topic).open()) {
                      KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 0, PER_KEY));
                    }
                  }));
      KinesisBench.assertStored(messaging, topic, KEYS, PER_KEY);
    }
    assertThat(denied).hasPositiveValue();
    assertThat(puts).hasValueGreaterThan(2);
  }

  @Test
  void readingGoesOnWhereIteratorsExpireAndReadsAreThrottled() throws Exception {
    AtomicInteger expired = new AtomicInteger();
    AtomicInteger throttled = new AtomicInteger();
    KinesisInjection.Fault expiring =
        every(
            2,
            expired,
            GetRecordsRequest.class,
            () ->
                KinesisInjection.error(
                    ExpiredIteratorException.builder(), "ExpiredIteratorException", 400));
    KinesisInjection.Fault throttling =
        every(3, throttled, GetRecordsRequest.class, KinesisFaultTest::throttled);
    Topic<String> topic = KinesisBench.topic();
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer = consumer(messaging, topic, "expiring")) {
        KinesisInjection.withFault(
            expiring,
            () ->
                KinesisInjection.withFault(
                    throttling, () -> sendsAndDrains(producer, consumer, KEYS, 4, 3)));
      }
    }
    assertThat(expired).hasPositiveValue();
    assertThat(throttled).hasPositiveValue();
  }

  private static void sendsAndDrains(
      Producer<String> producer, Consumer<String> consumer, int keys, int times, int perKey)
      throws Exception {
    for (int i = 0; i < times; i++) {
      KinesisBench.confirmed(KinesisBench.send(producer, keys, i * perKey, perKey));
    }
    KinesisBench.assertInOrder(
        KinesisBench.drain(consumer, keys * times * perKey), keys, times * perKey);
  }

  private static Consumer<String> consumer(Messaging messaging, Topic<String> topic, String group) {
    return messaging
        .consumer(topic)
        .group(group)
        .startAt(StartAt.earliest())
        .whenExhausted(Exhausted.STOP)
        .open();
  }

  @Test
  void aTableThatIsThrottledLosesNoSettlement() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    AtomicInteger reads = new AtomicInteger();
    java.util.function.Supplier<RuntimeException> error =
        () ->
            KinesisInjection.error(
                software.amazon.awssdk.services.dynamodb.model
                    .ProvisionedThroughputExceededException.builder(),
                "ProvisionedThroughputExceededException",
                400);
    Topic<String> topic = KinesisBench.topic();
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), 2);
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer = consumer(messaging, topic, "throttled")) {
        KinesisInjection.withFault(
            every(3, writes, UpdateItemRequest.class, error),
            () ->
                KinesisInjection.withFault(
                    every(2, reads, QueryRequest.class, error),
                    () -> sendsAndDrains(producer, consumer, 10, 1, 6)));
      }
      try (Consumer<String> again = consumer(messaging, topic, "throttled")) {
        assertThat(again.receive(java.time.Duration.ofSeconds(1))).as("what was acked").isEmpty();
      }
    }
    assertThat(writes).hasPositiveValue();
    assertThat(reads).hasPositiveValue();
  }
}
