package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Message;
import dev.isostream.Ordering;
import dev.isostream.Producer;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** D4: what failed comes again, later, and holds up no more than it must. */
public final class RetryRules {

  private static final Duration LONG = Duration.ofHours(1);

  private final Scene scene;
  private int next;

  /** For one test. */
  public RetryRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("D4")
  void aNackedMessageComesAgainNoSoonerThanItsDelay() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("k", "m-0");
    Duration given = Duration.ofMillis(120);
    Duration configured = Duration.ofMillis(80);
    Probe group =
        scene.probe(
            scene.messaging(), topic, "delayed", c -> c.retry(Retry.fixed(configured).forever()));
    Held first = group.takeOne();
    long nacked = System.nanoTime();
    Settlement settlement = first.nack(given);
    scene.verify("a nack is done", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
    Held second = group.takeOne();
    comesAgain(second, 2, nacked, given);
    nacked = System.nanoTime();
    second.nack();
    Held third = group.takeOne();
    comesAgain(third, 3, nacked, configured);
    third.nack(Duration.ZERO);
    Held fourth = group.takeOne();
    scene.verify(
        "a nack without a wait comes again too", () -> assertThat(fourth.attempt()).isEqualTo(4));
    fourth.ack();
    group.nothing("a nacked message comes again after it was acked");
  }

  private void comesAgain(Held again, int attempt, long nacked, Duration delay) {
    Duration waited = Duration.ofNanos(System.nanoTime() - nacked);
    scene.verify(
        "a nacked message comes again with its attempt count raised by one",
        () -> assertThat(again.attempt()).isEqualTo(attempt));
    scene.verify(
        "a nacked message comes again no sooner than its delay",
        () -> assertThat(waited).isGreaterThanOrEqualTo(delay));
  }

  @Rule("D4")
  void theWaitHoldsUpOnlyItsOwnKey() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 12, 3);
    Probe group = scene.probe(topic, "keys");
    Held poison = group.takeOne();
    poison.nack(LONG);
    List<String> others = group.drain(8);
    scene.verify(
        "while a message waits, all other keys of its partition go on",
        () ->
            assertThat(others)
                .containsExactlyInAnyOrder(
                    "m-1", "m-2", "m-4", "m-5", "m-7", "m-8", "m-10", "m-11"));
    group.nothing("a message of the waiting key comes");
    scene.verifyNone(
        "the waiting key keeps its order", HandOut.byKey(scene.history().events(), "keys"));
  }

  @Rule("D4")
  void theWaitHoldsUpOnlyItsOwnPartition() throws Exception {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", 40, 20);
    Probe group =
        scene.probe(scene.messaging(), topic, "partition", c -> c.orderBy(Ordering.PARTITION));
    Held poison = group.takeOne();
    Held other = group.takeOne();
    poison.nack(LONG);
    String waiting = poison.delivery().partition();
    other.ack();
    int others =
        (int) scene.readAll(topic).stream().filter(m -> !m.partition().equals(waiting)).count();
    group.drain(others - 1);
    group.nothing("a message of the waiting partition comes");
    scene.verify(
        "while a message waits, other partitions go on",
        () ->
            assertThat(
                    scene.history().all(Handed.class, h -> !h.partition().equals(waiting)).size())
                .isEqualTo(others));
  }

  @Rule("D4")
  void theWaitHoldsUpNothingWithoutOrder() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 10, 1);
    Probe group = scene.probe(scene.messaging(), topic, "none", c -> c.orderBy(Ordering.NONE));
    group.takeOne().nack(LONG);
    List<String> others = group.drain(9);
    scene.verify(
        "without order a waiting message holds up nothing, not even its own key",
        () -> assertThat(others).hasSize(9).doesNotHaveDuplicates().doesNotContain("m-0"));
    group.nothing("a waiting message comes before its delay is over");
  }

  @Rule("D4")
  void aDelaySurvivesAHandover() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 2, 2);
    Duration delay = scene.timing().silence().multipliedBy(6);
    long nacked;
    try (Probe first = scene.probe(scene.connect(), topic, "moves", c -> c)) {
      Held held = first.takeOne();
      nacked = System.nanoTime();
      held.nack(delay);
    }
    Probe next = scene.probe(topic, "moves");
    Held other = next.take(1, failover()).get(0);
    scene.verify("what did not fail is not held up", () -> assertThat(other.id()).isEqualTo("m-1"));
    other.ack();
    Held again = next.take(1, delay.plus(failover())).get(0);
    comesAgain(again, 2, nacked, delay);
    again.ack();
  }

  /** Fails one key until the window is full; the others go on until then, and afterwards. */
  @Rule("D4")
  void theOpenWindowIsAsDeclaredAndSaysWhenItIsFull() {
    Topic<String> topic = scene.topic(1);
    int window = scene.limits().openWindow();
    scene.sender(topic).sendAndConfirm("poison", "poison");
    AtomicBoolean failing = new AtomicBoolean(true);
    AtomicInteger handled = new AtomicInteger();
    Push group =
        scene.push(
            scene.messaging(),
            topic,
            "window",
            s ->
                s.concurrency(8)
                    .maxInFlightMessages(1_000_000)
                    .retry(Retry.fixed(Duration.ofMillis(5)).forever()),
            held -> {
              if (held.id().equals("poison") && failing.get()) {
                throw new IllegalStateException("fails for the test");
              }
              handled.incrementAndGet();
            });
    int sent = window - 1;
    send(topic, sent);
    scene.await(
        "as many as the declared open window are settled while one key fails",
        failover(),
        () -> handled.get() == sent);
    int more = 0;
    while (group.listener().told("windowFull").isEmpty()) {
      more++;
      int before = handled.get();
      send(topic, window);
      scene.await(
          "beyond its open window a partition waits and says so, or goes on",
          failover(),
          () -> !group.listener().told("windowFull").isEmpty() || handled.get() == before + window);
      if (more == 20) {
        throw new AssertionError(
            "no windowFull with 20 times the declared window settled behind a failing one");
      }
    }
    String partition =
        scene
            .messaging()
            .topics()
            .describe(topic.name())
            .orElseThrow()
            .partitions()
            .iterator()
            .next();
    scene.verify(
        "it says which partition waits, and for how many",
        () -> {
          var told = group.listener().told("windowFull").get(0);
          assertThat(told.details()[0]).isEqualTo(partition);
          assertThat((Integer) told.details()[1]).isPositive();
        });
    failing.set(false);
    int all = 1 + sent + more * window;
    scene.await("it goes on when the key does", failover(), () -> handled.get() == all);
    group.close();
    scene.verifyNone(
        "nothing that was settled comes again",
        Deliveries.afterSettled(scene.history().events(), "window"));
  }

  /** Many at once, and only their number is recorded. */
  private void send(Topic<String> topic, int messages) {
    try (Producer<String> producer = scene.messaging().producer(topic).open()) {
      CompletableFuture<?>[] stages = new CompletableFuture<?>[messages];
      for (int i = 0; i < messages; i++) {
        String id = "m-" + next++;
        stages[i] = producer.send(Message.of(id).key("k" + i % 500));
      }
      CompletableFuture.allOf(stages).orTimeout(60, TimeUnit.SECONDS).join();
    }
    scene.evidence().sent(messages);
  }
}
