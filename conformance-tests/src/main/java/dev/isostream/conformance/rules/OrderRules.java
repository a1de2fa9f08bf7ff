package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Ordering;
import dev.isostream.Received;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import dev.isostream.conformance.scene.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/** O1 to O5: what runs one after the other, and what does not. */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of an ack is in the history
public final class OrderRules {

  private static final String IN_ORDER =
      "no message is handed out before every earlier one of its key is settled";

  private final Scene scene;

  /** For one test. */
  public OrderRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("O1")
  void aKeyIsInOrderThroughRetries() {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", 60, 6);
    Push failing =
        scene.push(
            scene.messaging(),
            topic,
            "retries",
            s -> s.concurrency(12).retry(Retry.fixed(Duration.ofMillis(10)).forever()),
            held -> {
              if (held.attempt() == 1 && held.id().hashCode() % 3 == 0) {
                throw new IllegalStateException("fails the first time, for the test");
              }
            });
    scene.await(
        "everything is handled in the end",
        () ->
            scene.history().all(Event.SettleRequested.class, e -> e.how() == How.ACK).size() == 60);
    failing.close();
    scene.verify(
        "some were retried",
        () ->
            assertThat(scene.history().all(Event.SettleRequested.class, e -> e.how() == How.NACK))
                .isNotEmpty());
    scene.verifyNone(IN_ORDER, HandOut.byKey(scene.history().events(), "retries"));
  }

  @Rule("O1")
  void aKeyIsInOrderAcrossAMembersDeathAndAReplay() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 12, 3);
    Worker doomed = scene.worker(topic, "dies", w -> w);
    List<Handed> first = doomed.awaitHanded(3);
    doomed.ack(first.get(0));
    doomed.awaitHanded(4);
    doomed.kill();
    try (Probe heir = scene.probe(topic, "dies")) {
      heir.take(1, failover()).get(0).ack();
      heir.drain(10);
    }
    scene.verifyNone(IN_ORDER, HandOut.byKey(scene.history().events(), "dies"));
    scene.messaging().groups().reset(topic.name(), "dies", StartAt.earliest());
    scene.history().record(nanos -> new Event.Reset(nanos, "dies"));
    try (Probe replay = scene.probe(topic, "dies")) {
      replay.drain(12);
    }
    scene.verifyNone("the same in a replay", HandOut.byKey(scene.history().events(), "dies"));
  }

  @Rule("O1")
  void aKeyIsInOrderAcrossABrokersRestart() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("first", 8, 4);
    Probe group = scene.probe(topic, "restarts");
    List<Held> held = group.take(4);
    scene.fault("the broker is killed", scene.harness().faults()::killBroker);
    scene.harness().faults().startBroker();
    scene.faultEnded("the broker is killed");
    for (Held each : held) {
      var unused = each.ackLater().exceptionally(stale -> null);
    }
    sender.confirm(sender.sendMany("second", 8, 4), recovery());
    scene.await(
        "everything comes in the end",
        recovery(),
        () -> {
          group.batch(1, Duration.ofMillis(100)).forEach(each -> each.ackLater());
          return Deliveries.losses(scene.history().events(), topic.name(), "restarts").isEmpty();
        });
    scene.verifyNone(IN_ORDER, HandOut.byKey(scene.history().events(), "restarts"));
  }

  private Duration recovery() {
    return scene.limits().reconnectTime().plus(failover());
  }

  @Rule("O1")
  void messagesWithoutAKeyWaitForNone() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    for (int i = 0; i < 6; i++) {
      sender.sendAndConfirm(null, "free-" + i);
    }
    sender.sendAndConfirm("", "empty-0");
    sender.sendAndConfirm("", "empty-1");
    Probe group = scene.probe(topic, "free");
    List<Held> free = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      free.add(group.takeOne());
    }
    scene.verify(
        "messages without a key come though earlier ones are open",
        () ->
            assertThat(free.stream().map(Held::id))
                .containsExactly(
                    "free-0", "free-1", "free-2", "free-3", "free-4", "free-5", "empty-0"));
    group.nothing("a message with the empty key comes before an earlier one of it is settled");
    for (Held each : free) {
      each.ack();
    }
    scene.verify(
        "the empty key is a key", () -> assertThat(group.takeOne().id()).isEqualTo("empty-1"));
  }

  @Rule("O1")
  void aChangeOfThePartitionsIsReported() {
    Topic<String> topic = scene.topic(1);
    Probe group = scene.probe(topic, "reported");
    scene.sender(topic).sendAndConfirm("m", 3, 3);
    group.take(3);
    scene.messaging().topics().grow(topic.name(), 3);
    scene.await(
        "a change of the number of partitions is told",
        failover(),
        () -> !group.listener().told("partitionsChanged").isEmpty());
  }

  @Rule("O2")
  void manyKeysRunAtOnceWithinTheConcurrency() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 80, 40);
    CountDownLatch all = new CountDownLatch(20);
    CountDownLatch go = new CountDownLatch(1);
    Push parallel =
        scene.push(
            scene.messaging(),
            topic,
            "parallel",
            s -> s.concurrency(20),
            held -> {
              all.countDown();
              go.await();
            });
    scene.await("20 keys of one partition run at once", () -> all.getCount() == 0);
    scene.never(
        "more run at once than the concurrency", () -> scene.history().count(Handed.class) > 20);
    go.countDown();
    scene.await("everything is handled", () -> scene.history().count(Handed.class) == 80);
    parallel.close();
    scene.verifyNone(
        "never more at once than the concurrency",
        HandOut.moreInHandThan(scene.history().events(), "parallel", 20));
    scene.verifyNone(IN_ORDER, HandOut.byKey(scene.history().events(), "parallel"));
  }

  @Rule("O3")
  void aPartitionRunsOneAfterTheOther() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("m", 30, 10);
    Probe group =
        scene.probe(scene.messaging(), topic, "partitions", c -> c.orderBy(Ordering.PARTITION));
    Held one = group.takeOne();
    Held other = group.takeOne();
    scene.verify(
        "each partition has one in hand",
        () -> assertThat(one.delivery().partition()).isNotEqualTo(other.delivery().partition()));
    group.nothing("a message comes while an earlier one of its partition is open");
    one.nack(Duration.ofMillis(50));
    other.ack();
    for (int acked = 1; acked < 30; acked++) {
      group.takeOne().ack();
    }
    scene.verifyNone(
        "no message is handed out before every earlier one of its partition is settled",
        HandOut.byPartition(scene.history().events(), "partitions"));
    sender.sendAndConfirm(null, "keyless");
    sender.sendAndConfirm(null, "keyless-too");
    Held keyless = group.takeOne();
    if (scene.readAll(topic).stream()
            .filter(m -> m.payload().startsWith("keyless"))
            .map(Received::partition)
            .distinct()
            .count()
        == 1) {
      group.nothing("a message without a key comes while an earlier one of its partition is open");
    }
    keyless.ack();
    group.takeOne().ack();
  }

  @Rule("O4")
  void aBatchHoldsAKeyUntilAllOfItIsSettled() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 10, 1);
    Probe group = scene.probe(topic, "batches");
    scene.awaitFetched(group.consumer(), 10);
    List<Held> batch = wholeBatch(group, 6);
    scene.verify(
        "several of one key come in one batch, in order",
        () ->
            assertThat(batch.stream().map(Held::id))
                .containsExactly("m-0", "m-1", "m-2", "m-3", "m-4", "m-5"));
    group.nothing("a later message of a key comes while its batch is open");
    batch.get(0).ack();
    batch.get(2).ack();
    group.nothing("a later message of a key comes while a part of its batch is open");
    batch.get(1).nack(Duration.ZERO);
    List<Held> again = wholeBatch(group, 4);
    scene.verify(
        "with a nacked one come the later unsettled ones of its batch, in order",
        () -> assertThat(again.stream().map(Held::id)).containsExactly("m-1", "m-3", "m-4", "m-5"));
    scene.verify(
        "an attempt is counted for the nacked one only",
        () ->
            assertThat(again.stream().map(Held::attempt).toList()).isEqualTo(List.of(2, 1, 1, 1)));
    for (Held each : again) {
      each.ack();
    }
    group.drain(4);
    scene.verifyNone(
        "no message comes before every earlier one of its key is settled or in its batch",
        HandOut.byKey(scene.history().events(), "batches"));
  }

  @Rule("O4")
  void aDeadLetterTakesTheLaterOnesOfItsBatchBack() throws Exception {
    Topic<String> topic = scene.topic(1);
    Topic<String> box = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 3, 1);
    Probe group = scene.probe(scene.messaging(), topic, "letters", c -> c.deadLetterTo(box.name()));
    scene.awaitFetched(group.consumer(), 3);
    List<Held> batch = wholeBatch(group, 3);
    batch.get(0).deadLetter("for the test");
    List<Held> again = wholeBatch(group, 2);
    scene.verify(
        "with a dead-lettered one come the later ones of its batch, uncounted, in order",
        () -> assertThat(again.stream().map(Held::toString)).containsExactly("m-1#1", "m-2#1"));
    for (Held each : again) {
      each.ack();
    }
    group.nothing("a message comes again that is dead-lettered or acked");
  }

  private List<Held> wholeBatch(Probe group, int messages) {
    List<Held> batch = group.batch(messages, scene.timing().patience());
    scene.verify(
        "one call hands out all that there is of a key", () -> assertThat(batch).hasSize(messages));
    return batch;
  }

  @Rule("O5")
  void readersAndGroupsOfConcurrencyOneSeeTheStoredOrder() {
    Topic<String> topic = scene.topic(3);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("m", 90, 30);
    for (int i = 0; i < 10; i++) {
      sender.sendAndConfirm(null, "keyless-" + i);
    }
    Map<String, List<String>> stored = new java.util.TreeMap<>();
    for (Received<String> message : scene.readAll(topic)) {
      stored.computeIfAbsent(message.partition(), p -> new ArrayList<>()).add(message.payload());
    }
    scene.verify(
        "a reader sees each partition by position",
        () -> assertThat(outOfPosition(scene.readAll(topic))).isEmpty());
    Push single = scene.push(scene.messaging(), topic, "single", s -> s.concurrency(1), held -> {});
    scene.await("everything is handled", () -> scene.history().count(Handed.class) == 100);
    single.close();
    Map<String, List<String>> handled =
        scene.history().all(Handed.class, h -> true).stream()
            .collect(
                Collectors.groupingBy(
                    Handed::partition,
                    java.util.TreeMap::new,
                    Collectors.mapping(Handed::id, Collectors.toList())));
    scene.verify(
        "a group at concurrency 1 sees each partition in stored order",
        () -> assertThat(handled).isEqualTo(stored));
  }

  private static List<String> outOfPosition(List<Received<String>> messages) {
    Map<String, dev.isostream.Position> last = new java.util.HashMap<>();
    List<String> found = new ArrayList<>();
    for (Received<String> message : messages) {
      dev.isostream.Position before = last.put(message.partition(), message.position());
      if (before != null && before.compareTo(message.position()) >= 0) {
        found.add(message.position() + " behind " + before);
      }
    }
    return found;
  }
}
