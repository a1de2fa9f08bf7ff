package dev.isostream.conformance.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Consumer;
import dev.isostream.Exhausted;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Receipt;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/** Shards are split and merged while messages are sent and handled: each key stays in order. */
class KinesisReshardTest extends OwnKinesis {
  private static final int KEYS = 30;
  private static final int STEPS = 4;
  private static final int PER_STEP = 20;

  @Test
  void keysStayInOrderThroughSplitMergeAndAnotherCount() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Broker broker = broker();
    Handled handled = new Handled();
    try (Messaging messaging = KinesisBench.connect(broker);
        Messaging other = KinesisBench.connect(broker);
        KinesisClient client = KinesisBench.nativeClient(broker)) {
      messaging.topics().create(topic.name(), 2);
      try (Producer<String> producer = messaging.producer(topic).open();
          Subscription one = subscribe(messaging, topic, handled);
          Subscription two = subscribe(other, topic, handled)) {
        List<CompletableFuture<Receipt>> sent = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
          sent.addAll(KinesisBench.send(producer, KEYS, step * PER_STEP, PER_STEP));
          reshard(client, topic, step);
        }
        KinesisBench.confirmed(sent);
        assertThat(handled.all.await(KinesisBench.LIMIT.toMillis(), TimeUnit.MILLISECONDS))
            .as("all are handled, %d are not", handled.all.getCount())
            .isTrue();
        assertThat(handled.wrong).isEmpty();
        assertThat(one.stopped().toCompletableFuture()).isNotDone();
        assertThat(two.stopped().toCompletableFuture()).isNotDone();
      }
      KinesisBench.assertStored(messaging, topic, KEYS, STEPS * PER_STEP);
    }
  }

  @Test
  void aGroupStartsByTimeWhereTheParentsAreNotSettled() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Broker broker = broker();
    try (Messaging messaging = KinesisBench.connect(broker);
        KinesisClient client = KinesisBench.nativeClient(broker)) {
      messaging.topics().create(topic.name(), 1);
      try (Producer<String> producer = messaging.producer(topic).open()) {
        KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 0, 2));
        split(client, topic);
        KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 2, 2));
        for (StartAt start : startsBeforeAll(messaging, topic)) {
          try (Consumer<String> consumer =
              messaging
                  .consumer(topic)
                  .group("by-time-" + start.hashCode())
                  .startAt(start)
                  .whenExhausted(Exhausted.STOP)
                  .open()) {
            KinesisBench.assertInOrder(KinesisBench.drain(consumer, KEYS * 4), KEYS, 4);
          }
        }
      }
    }
  }

  private static List<StartAt> startsBeforeAll(Messaging messaging, Topic<String> topic) {
    try (Reader<String> reader =
        messaging.reader(topic).from(StartAt.earliest()).untilEnd().open()) {
      Received<String> first = reader.stream().findFirst().orElseThrow();
      return List.of(
          StartAt.timestamp(first.timestamp()),
          StartAt.timestamp(first.timestamp().minus(Duration.ofHours(1))),
          StartAt.at(first.position()));
    }
  }

  private static void split(KinesisClient client, Topic<String> topic) {
    client.splitShard(
        r ->
            r.streamName(topic.name())
                .shardToSplit("shardId-000000000000")
                .newStartingHashKey("170141183460469231731687303715884105728"));
    KinesisBench.awaitActive(client, topic);
  }

  @Test
  void whatIsInAParentThoughItsReplyGotLostIsSeenOnce() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Broker broker = broker();
    AtomicBoolean losing = new AtomicBoolean(true);
    CountDownLatch lost = new CountDownLatch(1);
    KinesisInjection.Change losingReplies =
        (request, response) -> {
          if (response instanceof PutRecordsResponse && losing.get()) {
            lost.countDown();
            throw SdkClientException.create("injected: the reply got lost");
          }
          return response;
        };
    KinesisInjection.Fault refusingReads =
        request -> {
          if (request instanceof GetRecordsRequest && losing.get()) {
            throw KinesisInjection.error(
                ProvisionedThroughputExceededException.builder(),
                "ProvisionedThroughputExceededException",
                400);
          }
        };
    try (Messaging messaging = KinesisBench.connect(broker);
        KinesisClient client = KinesisBench.nativeClient(broker)) {
      messaging.topics().create(topic.name(), 1);
      try (Producer<String> producer = messaging.producer(topic).open()) {
        KinesisInjection.withChange(
            losingReplies,
            () ->
                KinesisInjection.withFault(
                    refusingReads,
                    () -> {
                      List<CompletableFuture<Receipt>> sent =
                          KinesisBench.send(producer, KEYS, 0, 2);
                      assertThat(lost.await(KinesisBench.LIMIT.toSeconds(), TimeUnit.SECONDS))
                          .as("a reply got lost")
                          .isTrue();
                      split(client, topic);
                      losing.set(false);
                      KinesisBench.confirmed(sent);
                    }));
        KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 2, 1));
      }
      KinesisBench.assertStored(messaging, topic, KEYS, 3);
    }
  }

  private static Subscription subscribe(Messaging messaging, Topic<String> topic, Handled handled) {
    return messaging
        .subscribe(topic)
        .group("resharded")
        .startAt(StartAt.earliest())
        .whenExhausted(Exhausted.STOP)
        .handle(delivery -> handled.take(delivery.payload()));
  }

  private static void reshard(KinesisClient client, Topic<String> topic, int step) {
    KinesisBench.awaitActive(client, topic);
    switch (step) {
      case 0 ->
          client.splitShard(
              r ->
                  r.streamName(topic.name())
                      .shardToSplit("shardId-000000000000")
                      .newStartingHashKey("85070591730234615865843651857942052863"));
      case 1 ->
          client.mergeShards(
              r ->
                  r.streamName(topic.name())
                      .shardToMerge("shardId-000000000002")
                      .adjacentShardToMerge("shardId-000000000003"));
      case 2 ->
          client.updateShardCount(
              r ->
                  r.streamName(topic.name())
                      .targetShardCount(3)
                      .scalingType(ScalingType.UNIFORM_SCALING));
      default -> {
        // the rest is sent to what is there now
      }
    }
    KinesisBench.awaitActive(client, topic);
  }

  /** Of each key the next number. */
  private static final class Handled {
    private final Map<String, Integer> next = new ConcurrentHashMap<>();
    private final CountDownLatch all = new CountDownLatch(KEYS * STEPS * PER_STEP);
    private final List<String> wrong = new CopyOnWriteArrayList<>();

    void take(String payload) {
      int slash = payload.indexOf('/');
      String key = payload.substring(0, slash);
      int number = Integer.parseInt(payload.substring(slash + 1));
      int expected = next.getOrDefault(key, 0);
      if (number == expected) {
        next.put(key, number + 1);
        all.countDown();
      } else {
        wrong.add(payload + " in place of " + expected);
      }
    }
  }
}
