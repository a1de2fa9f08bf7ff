package dev.isostream.conformance.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.Exhausted;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/** Shards are split and merged while messages are sent and handled: each key stays in order. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KinesisReshardTest {
  private static final int KEYS = 30;
  private static final int STEPS = 4;
  private static final int PER_STEP = 20;

  private final Brokers brokers = Brokers.fromSystemProperties();
  private Optional<Broker> started = Optional.empty();

  @BeforeAll
  void start() {
    assumeTrue(brokers.isSelected("kinesis"), "Kinesis was not chosen");
    started = Optional.of(brokers.own("kinesis"));
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  @Test
  void keysStayInOrderThroughSplitMergeAndAnotherCount() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Broker broker = started.orElseThrow();
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
