package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Delivery;
import dev.isostream.GroupMember;
import dev.isostream.MemberMetrics;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Listener;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** D7, and D10 for handlers: what becomes of a delivery when its handler ends, or does not. */
public final class HandlerRules {

  private final Scene scene;

  /** For one test. */
  public HandlerRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("D7")
  void throwingNacksReturningAcksAndWhatWasThrownIsTold() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 4, 4);
    String marker = scene.unique("thrown");
    LongSupplier logged = scene.transcript().watch(marker);
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    Push group =
        scene.push(
            scene.messaging(),
            topic,
            "handlers",
            s -> s,
            held -> {
              if (held.id().equals("m-0") && held.attempt() < 3) {
                IllegalStateException failure = new IllegalStateException(marker);
                thrown.add(failure);
                throw failure;
              }
            });
    scene.await("a handler that throws gets it again", () -> handings("m-0") == 3);
    group.close();
    scene.verify(
        "a handler that returns acks: the others came once",
        () -> assertThat(scene.history().count(Handed.class)).isEqualTo(6));
    List<Listener.Told> told = group.listener().told("attemptFailed");
    scene.verify(
        "what was thrown is told to the listener, once per attempt",
        () -> {
          assertThat(told.stream().map(t -> t.details()[2])).containsExactlyElementsOf(thrown);
          assertThat(told.stream().map(t -> t.details()[1])).containsExactly(1, 2);
        });
    scene.verify("and logged, once per attempt", () -> assertThat(logged.getAsLong()).isEqualTo(2));
    scene.verify(
        "and counted, once per attempt",
        () -> {
          assertThat(group.subscription().metrics().failedAttempts()).isEqualTo(2);
          assertThat(group.subscription().metrics().acked()).isEqualTo(4);
        });
    Probe after = scene.probe(topic, "handlers");
    after.nothing("a message comes again after its handler returned");
  }

  private int handings(String id) {
    return scene.history().all(Handed.class, h -> h.id().equals(id)).size();
  }

  @Rule("D7")
  void stagesAckByCompletingAndNackByFailing() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 3, 3);
    List<String> handed = new CopyOnWriteArrayList<>();
    Map<String, CompletableFuture<Void>> stages = new ConcurrentHashMap<>();
    CompletableFuture<Void> failing = new CompletableFuture<>();
    stages.put("m-0#1", failing);
    try (Subscription group =
        scene
            .messaging()
            .subscribe(topic)
            .group("stages")
            .startAt(StartAt.earliest())
            .retry(Retry.fixed(Duration.ZERO).forever())
            .handleAsync(delivery -> handle(delivery, handed, stages))) {
      scene.await(
          "all are handed out at once; a throw instead of a stage nacks",
          () -> handed.containsAll(List.of("m-0#1", "m-1#1", "m-1#2", "m-2#1")));
      failing.completeExceptionally(new IllegalStateException("for the test"));
      scene.await("a stage that fails nacks", () -> handed.contains("m-0#2"));
      scene.never("a message comes again while its stage is open", () -> handed.size() > 5);
      stages.values().forEach(stage -> stage.complete(null));
      scene.verify("the member lives", () -> assertThat(group.failure()).isEmpty());
    }
    Probe after = scene.probe(topic, "stages");
    after.nothing("a message comes again whose stage completed");
  }

  private static CompletionStage<?> handle(
      Delivery<String> delivery, List<String> handed, Map<String, CompletableFuture<Void>> stages) {
    String attempt = delivery.payload() + "#" + delivery.attempt();
    handed.add(attempt);
    if (attempt.equals("m-1#1")) {
      throw new IllegalStateException("instead of a stage, for the test");
    }
    return stages.computeIfAbsent(attempt, a -> new CompletableFuture<>());
  }

  @Rule("D7")
  void whatTheHandlerSettledItselfStays() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 2, 2);
    Push group =
        scene.push(
            scene.messaging(),
            topic,
            "by-hand",
            s -> s,
            held -> {
              if (held.id().equals("m-0")) {
                held.ack();
                throw new IllegalStateException("after acking, for the test");
              }
              if (held.attempt() == 1) {
                held.nack(Duration.ZERO);
              }
            });
    scene.await("a nack by the handler stays one when it returns", () -> handings("m-1") == 2);
    scene.never(
        "an acked message comes again because its handler threw",
        () -> handings("m-0") > 1 || handings("m-1") > 2);
    group.close();
    Probe after = scene.probe(topic, "by-hand");
    after.nothing("a message comes again that its handler acked before it threw");
  }

  @Rule("D7")
  void aStuckHandlerIsReportedAndNotRedelivered() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("k", "stuck");
    LongSupplier logged = scene.transcript().watch("has been unsettled");
    CountDownLatch go = new CountDownLatch(1);
    Duration age = Duration.ofMillis(100);
    Push group =
        scene.push(scene.messaging(), topic, "stuck", s -> s.stuckAfter(age), held -> go.await());
    scene.await("a stuck handler is reported", () -> !group.listener().told("stuck").isEmpty());
    scene.verify(
        "with its age",
        () ->
            assertThat((Duration) group.listener().told("stuck").get(0).details()[1])
                .isGreaterThanOrEqualTo(age));
    scene.never(
        "a stuck message is redelivered, or reported twice",
        () -> handings("stuck") > 1 || group.listener().told("stuck").size() > 1);
    scene.verify("it is logged", () -> assertThat(logged.getAsLong()).isPositive());
    isStuck(group.subscription().metrics(), age);
    go.countDown();
    scene.await(
        "the figures say when it is over",
        () -> group.subscription().metrics().acked() == 1 && isClear(group.subscription()));
    group.close();
    Probe after = scene.probe(topic, "stuck");
    after.nothing("what a slow handler finished comes again");
  }

  @Rule("D7")
  void aForgottenDeliveryIsReportedAndNotRedelivered() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("k", "forgotten");
    Probe group =
        scene.probe(
            scene.messaging(), topic, "forgetful", c -> c.stuckAfter(Duration.ofMillis(100)));
    Duration age = Duration.ofMillis(100);
    Held forgotten = group.takeOne();
    scene.await(
        "a forgotten delivery is reported", () -> !group.listener().told("stuck").isEmpty());
    isStuck(group.consumer().metrics(), age);
    group.nothing("a forgotten delivery comes again behind its holder's back");
    Settlement settlement = forgotten.ack();
    scene.verify(
        "it can still be settled", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
    scene.await("the figures say when it is over", () -> isClear(group.consumer()));
  }

  private void isStuck(MemberMetrics figures, Duration age) {
    scene.verify(
        "the figures show it, and for how long",
        () -> {
          assertThat(figures.stuckNow()).isEqualTo(1);
          assertThat(figures.stuckReported()).isEqualTo(1);
          assertThat(figures.longestInHand()).isGreaterThanOrEqualTo(age);
        });
  }

  private static boolean isClear(GroupMember member) {
    return member.metrics().stuckNow() == 0 && member.metrics().stuckReported() == 1;
  }

  /** The handlers of the earlier ones run until the last one has acked for them all. */
  @Rule("D10")
  void handlersStillRunningFindTheirSettlementDone() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 5, 5);
    CountDownLatch running = new CountDownLatch(5);
    CountDownLatch acked = new CountDownLatch(1);
    AtomicReference<Settlement> whole = new AtomicReference<>();
    List<Settlement> own = new CopyOnWriteArrayList<>();
    Push group =
        scene.push(
            scene.messaging(),
            topic,
            "running",
            s -> s.concurrency(5),
            held -> {
              running.countDown();
              running.await();
              if (held.id().equals("m-4")) {
                whole.set(
                    scene.complete("it completes in a handler", held.delivery().ackCumulative()));
                acked.countDown();
                return;
              }
              acked.await();
              own.add(held.ack());
              if (held.id().equals("m-1")) {
                throw new IllegalStateException("too late to matter, for the test");
              }
            });
    scene.await("all handlers find out", () -> own.size() == 4 && whole.get() != null);
    scene.never("one of them comes again", () -> scene.history().count(Handed.class) > 5);
    group.close();
    scene.verify(
        "a cumulative ack is done", () -> assertThat(whole.get()).isEqualTo(Settlement.DONE));
    scene.verify(
        "handlers still running find their own settlement already done",
        () -> assertThat(own).hasSize(4).containsOnly(Settlement.ALREADY_SETTLED));
    Probe after = scene.probe(topic, "running");
    after.nothing("a message comes again that was settled cumulatively while it was handled");
  }
}
