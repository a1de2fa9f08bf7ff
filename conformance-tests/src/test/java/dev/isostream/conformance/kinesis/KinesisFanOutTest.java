package dev.isostream.conformance.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;

/** Groups whose records are brought by subscriptions of a registered consumer. */
class KinesisFanOutTest extends OwnKinesis {
  private static final int SHARDS = 2;
  private static final int KEYS = 20;
  private static final int PER_KEY = 5;

  private Messaging connect() {
    return KinesisBench.connect(broker(), Map.of("kinesis.fan.out", "true"));
  }

  private KinesisClient nativeClient() {
    return KinesisBench.nativeClient(broker());
  }

  private static Consumer<String> consumer(Messaging messaging, Topic<String> topic, String group) {
    return messaging
        .consumer(topic)
        .group(group)
        .startAt(StartAt.earliest())
        .whenExhausted(Exhausted.STOP)
        .open();
  }

  /** Each read is throttled: what arrives then came by a subscription. */
  private static void withoutPolling(KinesisInjection.Action action) throws Exception {
    KinesisInjection.withFault(
        request -> {
          if (request instanceof GetRecordsRequest) {
            throw KinesisInjection.error(
                ProvisionedThroughputExceededException.builder(),
                "ProvisionedThroughputExceededException",
                400);
          }
        },
        action);
  }

  /** Waits until so many shards are brought by subscriptions. */
  private static final class Speaking implements KinesisInjection.Tap {
    private final Set<String> shards = ConcurrentHashMap.newKeySet();
    private final CountDownLatch left;

    Speaking(int shards) {
      this.left = new CountDownLatch(shards);
    }

    @Override
    public boolean passes(SubscribeToShardRequest request) {
      if (shards.add(request.shardId())) {
        left.countDown();
      }
      return true;
    }

    void await() throws InterruptedException {
      assertThat(left.await(KinesisBench.LIMIT.toMillis(), TimeUnit.MILLISECONDS))
          .as("subscriptions that brought something, beyond %s", shards)
          .isTrue();
    }
  }

  @Test
  void recordsComeBySubscriptionsOnceAndInOrder() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Speaking speaking = new Speaking(SHARDS);
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer = consumer(messaging, topic, "subscribed")) {
        KinesisInjection.withTap(speaking, speaking::await);
        withoutPolling(
            () -> {
              KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 0, PER_KEY));
              KinesisBench.assertInOrder(
                  KinesisBench.drain(consumer, KEYS * PER_KEY), KEYS, PER_KEY);
            });
      }
      try (Consumer<String> again = consumer(messaging, topic, "subscribed")) {
        assertThat(again.receive(Duration.ofSeconds(2))).as("what was acked").isEmpty();
      }
    }
  }

  @Test
  void whatIsNackedComesAgainBeforeItsSuccessorsAlsoInRecordsOfOthers() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Speaking speaking = new Speaking(1);
    try (Messaging messaging = connect();
        KinesisClient client = nativeClient()) {
      messaging.topics().create(topic.name(), 1);
      try (Consumer<String> consumer = consumer(messaging, topic, "nacking")) {
        KinesisInjection.withTap(speaking, speaking::await);
        for (String payload : List.of("a", "b")) {
          client.putRecord(
              r ->
                  r.streamName(topic.name())
                      .partitionKey("k")
                      .data(SdkBytes.fromUtf8String(payload)));
        }
        withoutPolling(
            () -> {
              Delivery<String> first = next(consumer);
              assertThat(first.payload()).isEqualTo("a");
              settled(first.nack(Duration.ofMillis(300)));
              Delivery<String> second = next(consumer);
              assertThat(second.payload()).isEqualTo("a");
              assertThat(second.attempt()).isEqualTo(2);
              settled(second.ack());
              Delivery<String> third = next(consumer);
              assertThat(third.payload()).isEqualTo("b");
              settled(third.ack());
            });
      }
    }
  }

  private static Delivery<String> next(Consumer<String> consumer) throws InterruptedException {
    return consumer.receive(KinesisBench.LIMIT).orElseThrow();
  }

  private static void settled(java.util.concurrent.CompletionStage<?> stage) throws Exception {
    stage.toCompletableFuture().get(KinesisBench.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends each subscription at its third part, in good order and by a failure in turn. */
  private static final class Ending implements KinesisInjection.Tap {
    private static final int LAST = 3;

    private final Map<SubscribeToShardRequest, Integer> parts =
        Collections.synchronizedMap(new IdentityHashMap<>());
    private final List<SubscribeToShardRequest> ended = new CopyOnWriteArrayList<>();

    @Override
    public boolean passes(SubscribeToShardRequest request) {
      if (parts.merge(request, 1, Integer::sum) < LAST) {
        return true;
      }
      ended.add(request);
      if (ended.size() % 2 == 0) {
        throw new UncheckedIOException(new IOException("injected: the connection is gone"));
      }
      return false;
    }
  }

  @Test
  void subscriptionsThatEndAreFollowedByOthers() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Ending ending = new Ending();
    List<String> got = new ArrayList<>();
    int steps = 0;
    try (Messaging messaging = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer = consumer(messaging, topic, "ending")) {
        long deadline = System.nanoTime() + KinesisBench.LIMIT.toNanos();
        while (ending.ended.size() < 3 * SHARDS) {
          assertThat(System.nanoTime()).as("ended: %s", ending.ended).isLessThan(deadline);
          int step = steps++;
          KinesisInjection.withTap(
              ending,
              () -> {
                KinesisBench.confirmed(KinesisBench.send(producer, KEYS, step, 1));
                got.addAll(KinesisBench.drain(consumer, KEYS));
              });
        }
        assertThat(consumer.receive(Duration.ofSeconds(2))).isEmpty();
      }
    }
    KinesisBench.assertInOrder(got, KEYS, steps);
    assertThat(ending.ended.subList(SHARDS, ending.ended.size()))
        .extracting(request -> request.startingPosition().type())
        .as("the later ones go on behind what came before")
        .containsOnly(ShardIteratorType.AFTER_SEQUENCE_NUMBER);
  }

  @Test
  void shardsGoFromMemberToMember() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    List<String> all = new ArrayList<>();
    try (Messaging messaging = connect();
        Messaging other = connect()) {
      messaging.topics().create(topic.name(), SHARDS);
      try (Producer<String> producer = messaging.producer(topic).open()) {
        Speaking speaking = new Speaking(SHARDS);
        Subscription one = subscribe(messaging, topic, handled);
        KinesisInjection.withTap(speaking, speaking::await);
        all.addAll(sendsAndHandles(producer, handled, 0));
        try (Subscription two = subscribe(other, topic, handled)) {
          awaitShares(messaging, topic, 2);
          all.addAll(sendsAndHandles(producer, handled, 1));
          one.close();
          all.addAll(sendsAndHandles(producer, handled, 2));
          // the second member's own subscription to the shard that it took over
          Speaking taken = new Speaking(SHARDS);
          KinesisInjection.withTap(taken, taken::await);
          withoutPolling(() -> all.addAll(sendsAndHandles(producer, handled, 3)));
          assertThat(two.stopped().toCompletableFuture()).isNotDone();
        }
      }
      assertThat(handled).isEmpty();
      KinesisBench.assertInOrder(all, KEYS, 4 * PER_KEY);
    }
  }

  private static Subscription subscribe(
      Messaging messaging, Topic<String> topic, BlockingQueue<String> handled) {
    return messaging
        .subscribe(topic)
        .group("moving")
        .startAt(StartAt.earliest())
        .whenExhausted(Exhausted.STOP)
        .handle(delivery -> handled.add(delivery.payload()));
  }

  private static List<String> sendsAndHandles(
      Producer<String> producer, BlockingQueue<String> handled, int step) throws Exception {
    KinesisBench.confirmed(KinesisBench.send(producer, KEYS, step * PER_KEY, PER_KEY));
    List<String> got = new ArrayList<>();
    while (got.size() < KEYS * PER_KEY) {
      String next = handled.poll(KinesisBench.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      assertThat(next).as("after %d of step %d", got.size(), step).isNotNull();
      got.add(next);
    }
    return got;
  }

  private static void awaitShares(Messaging messaging, Topic<String> topic, int members) {
    long deadline = System.nanoTime() + KinesisBench.LIMIT.toNanos();
    while (messaging.groups().describe(topic.name(), "moving").orElseThrow().members().stream()
            .filter(member -> !member.partitions().isEmpty())
            .count()
        < members) {
      assertThat(System.nanoTime()).as("each member has a shard").isLessThan(deadline);
    }
  }

  @Test
  void aShardThatIsSplitEndsAndItsChildrenFollow() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    Speaking parent = new Speaking(1);
    Speaking all = new Speaking(3);
    try (Messaging messaging = connect();
        KinesisClient client = nativeClient()) {
      messaging.topics().create(topic.name(), 1);
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer = consumer(messaging, topic, "resharded")) {
        KinesisInjection.withTap(parent, parent::await);
        KinesisInjection.withTap(
            all,
            () -> {
              KinesisBench.confirmed(KinesisBench.send(producer, KEYS, 0, PER_KEY));
              client.splitShard(
                  r ->
                      r.streamName(topic.name())
                          .shardToSplit("shardId-000000000000")
                          .newStartingHashKey("170141183460469231731687303715884105728"));
              KinesisBench.awaitActive(client, topic);
              KinesisBench.confirmed(KinesisBench.send(producer, KEYS, PER_KEY, PER_KEY));
              KinesisBench.assertInOrder(
                  KinesisBench.drain(consumer, KEYS * 2 * PER_KEY), KEYS, 2 * PER_KEY);
              all.await();
            });
      }
    }
  }

  @Test
  void aGroupHasARegisteredConsumerUntilItIsDeleted() throws Exception {
    Topic<String> topic = KinesisBench.topic();
    try (Messaging messaging = connect();
        KinesisClient client = nativeClient()) {
      messaging.topics().create(topic.name(), 1);
      Consumer<String> one = consumer(messaging, topic, "a-group");
      Consumer<String> two = consumer(messaging, topic, "a-group");
      Consumer<String> other = consumer(messaging, topic, "a_group");
      Reader<String> reader = messaging.reader(topic).from(StartAt.earliest()).open();
      assertThat(registered(client, topic))
          .hasSize(2)
          .allSatisfy(
              each -> {
                assertThat(each.consumerName()).matches("isostream-a[_-]group-[\\w-]{16}");
                assertThat(each.consumerStatus()).isEqualTo(ConsumerStatus.ACTIVE);
              });
      one.close();
      two.close();
      other.close();
      reader.close();
      messaging.groups().delete(topic.name(), "a-group");
      awaitRegistered(client, topic, 1);
      messaging.groups().delete(topic.name(), "a_group");
      awaitRegistered(client, topic, 0);
      Consumer<String> anew = consumer(messaging, topic, "a-group");
      assertThat(registered(client, topic)).hasSize(1);
      anew.close();
    }
  }

  private static void awaitRegistered(KinesisClient client, Topic<String> topic, int count) {
    long deadline = System.nanoTime() + KinesisBench.LIMIT.toNanos();
    while (registered(client, topic).size() != count) {
      assertThat(System.nanoTime()).as("%d consumers are left", count).isLessThan(deadline);
    }
  }

  private static List<software.amazon.awssdk.services.kinesis.model.Consumer> registered(
      KinesisClient client, Topic<String> topic) {
    String arn =
        client
            .describeStreamSummary(r -> r.streamName(topic.name()))
            .streamDescriptionSummary()
            .streamARN();
    return client.listStreamConsumers(r -> r.streamARN(arn)).consumers();
  }
}
