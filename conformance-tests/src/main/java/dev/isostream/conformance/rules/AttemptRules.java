package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** D5 without deaths: what counts as an attempt. */
public final class AttemptRules {

  private final Scene scene;

  /** For one test. */
  public AttemptRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("D5")
  void failuresCountOneEachAndTheCountSurvivesTheMember() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("k", "failing");
    sender.sendAndConfirm("other", "fine");
    try (Probe first = scene.probe(scene.connect(), topic, "counted", c -> c)) {
      List<Held> both = first.take(2);
      scene.verify(
          "attempts start at 1", () -> assertThat(both).allMatch(held -> held.attempt() == 1));
      both.get(0).nack(Duration.ZERO);
      Held again = first.takeOne();
      scene.verify(
          "a failure adds one to its own message",
          () -> assertThat(again.toString()).isEqualTo("failing#2"));
      again.nack();
      both.get(1).ack();
    }
    try (Push push =
        scene.push(
            scene.connect(),
            topic,
            "counted",
            s -> s,
            held -> {
              if (held.attempt() < 5) {
                throw new IllegalStateException("fails for the test");
              }
            })) {
      scene.await(
          "it succeeds in the end",
          failover(),
          () ->
              !scene
                  .history()
                  .all(Event.SettleRequested.class, e -> e.how() == Event.How.ACK)
                  .stream()
                  .skip(1)
                  .toList()
                  .isEmpty());
      scene.verify("the member that pushes lives", () -> assertThat(push.name()).isNotEmpty());
    }
    scene.verify(
        "each failure adds one, also across members",
        () ->
            assertThat(
                    scene.history().all(Handed.class, h -> h.id().equals("failing")).stream()
                        .map(Handed::attempt))
                .containsExactly(1, 2, 3, 4, 5));
    scene.verifyNone(
        "every attempt is one more than the failures counted",
        Deliveries.attempts(scene.history().events(), "counted"));
  }

  @Rule("D5")
  void whatIsTakenBackCountsNothing() throws Exception {
    Topic<String> topic = scene.topic(2);
    List<String> ids = scene.sender(topic).sendAndConfirm("m", 30, 15);
    Duration drain = Duration.ofMillis(100);
    Probe holding = scene.probe(scene.connect(), topic, "back", c -> c.drainLimit(drain));
    holding.take(10);
    Probe joining = scene.probe(scene.connect(), topic, "back", c -> c.drainLimit(drain));
    scene.await(
        "a part of the share is handed over with messages in hand",
        failover(),
        () -> joining.consumer().assignment().size() == 1);
    joining.take(3, failover());
    joining.consumer().close(Duration.ZERO);
    joining.close();
    holding.consumer().close(Duration.ZERO);
    holding.close();
    try (Probe last = scene.probe(scene.connect(), topic, "back", c -> c)) {
      last.take(1, failover()).get(0).ack();
      last.drain(29);
    }
    List<Handed> handed = scene.history().all(Handed.class, h -> true);
    Set<String> seen = new HashSet<>();
    handed.forEach(h -> seen.add(h.id()));
    scene.verify("everything came", () -> assertThat(seen).containsAll(ids));
    scene.verify(
        "some were in hand when they were taken back",
        () -> assertThat(handed).hasSizeGreaterThan(30));
    scene.verify(
        "what was handed over, in hand when its member closed, or never handed out counts nothing",
        () -> assertThat(handed).allMatch(h -> h.attempt() == 1));
  }

  @Rule("D5")
  void anExecutorThatRefusesCountsNothing() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 20, 10);
    AtomicInteger refused = new AtomicInteger();
    Push group =
        scene.push(
            scene.messaging(),
            topic,
            "refused",
            s ->
                s.executor(
                    task -> {
                      if (refused.getAndIncrement() % 2 == 0) {
                        throw new RejectedExecutionException("full, for the test");
                      }
                      Thread thread = new Thread(task, "handler");
                      thread.start();
                    }),
            held -> {});
    scene.await(
        "what the executor refused is handled later",
        () -> scene.history().count(Event.SettleRequested.class) == 20);
    group.close();
    scene.verify("it refused some", () -> assertThat(refused.get()).isGreaterThan(1));
    scene.verify(
        "a refusal counts no attempt",
        () ->
            assertThat(scene.history().all(Handed.class, h -> true))
                .hasSize(20)
                .allMatch(h -> h.attempt() == 1));
    scene.verifyNone("and reorders nothing", HandOut.byKey(scene.history().events(), "refused"));
  }
}
