package dev.isostream.conformance.rules;

import static dev.isostream.conformance.check.Deliveries.afterSettled;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Exhausted;
import dev.isostream.Retry;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.Event.SettleRequested;
import dev.isostream.conformance.scene.DeadLetterBox;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import dev.isostream.conformance.scene.Worker;
import dev.isostream.conformance.scene.WorkerSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** D5 and D11 with deaths: what a death counts for, and for what it does not. */
public final class KillerRules {

  private static final String KILLER = "killer";

  private final Scene scene;

  /** For one test. */
  public KillerRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  /**
   * A hundred times what it takes for a note that it is in hand alone: nothing shows the note
   * before the death, and a busy machine may stand still for some hundred milliseconds.
   */
  private void handleForAWhile(Handed handed) {
    Duration while_ = scene.timing().silence().plusSeconds(1);
    scene.await(
        "a message is being handled for a while",
        while_.multipliedBy(2),
        () -> System.nanoTime() - handed.nanos() > while_.toNanos());
  }

  @Rule("D5")
  void aDeathWhileOneMessageIsHandledCountsForItAlone() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("before", "before");
    Worker doomed = scene.worker(topic, "convicts", w -> w.concurrency(1));
    Outcome acked = doomed.ack(doomed.awaitHanded(1).get(0));
    scene.verify("one was settled before", () -> assertThat(acked).isEqualTo(Outcome.DONE));
    sender.sendAndConfirm("k", KILLER);
    Handed killer = doomed.awaitHanded("it is handed out", h -> h.id().equals(KILLER));
    sender.sendAndConfirm("after", 6, 3);
    handleForAWhile(killer);
    doomed.kill();
    Map<String, Integer> attempts = new TreeMap<>();
    try (Probe heir = scene.probe(topic, "convicts")) {
      for (int i = 0; i < 7; i++) {
        Held held = heir.take(1, failover()).get(0);
        attempts.put(held.id(), held.attempt());
        held.ack();
      }
      heir.nothing("something comes again that was settled");
    }
    scene.verify(
        "a death while a message was handled is counted for it",
        () -> assertThat(attempts.remove(KILLER)).isEqualTo(2));
    scene.verify(
        "and not for its neighbours",
        () -> assertThat(attempts.values()).hasSize(6).allMatch(attempt -> attempt == 1));
  }

  @Rule("D5")
  void aDeathWithSeveralInHandCountsForNone() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 8, 8);
    Worker doomed = scene.worker(topic, "several", w -> w);
    List<Handed> handed = doomed.awaitHanded(8);
    doomed.ack(handed.get(2));
    doomed.kill();
    List<String> came = new ArrayList<>();
    try (Probe heir = scene.probe(topic, "several")) {
      Held first = heir.take(1, failover()).get(0);
      heir.nothing("a second suspect is handed out while one is in hand");
      settled(came, first);
      while (came.size() < 7) {
        settled(came, heir.takeOne());
      }
      heir.nothing("something comes again that was settled");
    }
    scene.verify(
        "what was open at the death comes again, one at a time", () -> assertThat(came).hasSize(7));
    scene.verify(
        "a death with several in hand is counted for none",
        () ->
            assertThat(scene.history().all(Handed.class, h -> !h.member().equals(doomed.name())))
                .allMatch(h -> h.attempt() == 1));
    scene.verifyNone(
        "nothing comes again that was settled", afterSettled(scene.history().events(), "several"));
  }

  private static void settled(List<String> came, Held held) throws Exception {
    came.add(held.id());
    held.ack();
  }

  /** The ack behind the nack makes both durable: they are of one partition. Two stay in hand. */
  @Rule("D5")
  void countsSurviveADeathAndWaitingCountsNothing() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 4, 4);
    Worker doomed = scene.worker(topic, "waits", w -> w);
    List<Handed> handed = doomed.awaitHanded(4);
    doomed.nack(handed.get(0), scene.timing().silence().multipliedBy(4));
    doomed.ack(handed.get(1));
    doomed.kill();
    Map<String, Integer> attempts = new TreeMap<>();
    try (Probe heir = scene.probe(topic, "waits")) {
      for (int i = 0; i < 3; i++) {
        Held held = heir.take(1, failover()).get(0);
        attempts.put(held.id(), held.attempt());
        held.ack();
      }
      heir.nothing("something comes again that was settled");
    }
    scene.verify(
        "a failure is remembered across a death, which adds none to what only waited",
        () ->
            assertThat(attempts)
                .isEqualTo(
                    Map.of(handed.get(0).id(), 2, handed.get(2).id(), 1, handed.get(3).id(), 1)));
  }

  /** Of two attempts: the first death is counted for none, the next two for the killer. */
  @Rule("D11")
  void aKillerAmongManyIsGivenUpInTheEnd() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox box = scene.deadLetters();
    Sender sender = scene.sender(topic);
    List<String> others = new ArrayList<>(sender.sendAndConfirm("before", 4, 4));
    sender.sendAndConfirm("k", KILLER);
    others.addAll(sender.sendAndConfirm("after", 4, 4));
    UnaryOperator<WorkerSpec> settings = w -> w.attempts(2, box.name());
    Worker first = scene.worker(topic, "kills", settings);
    first.awaitHanded("it is handed out beside others", h -> h.id().equals(KILLER));
    first.kill();
    Worker second = scene.worker(topic, "kills", settings);
    ackUntilTheKiller(second, 1);
    second.kill();
    Worker third = scene.worker(topic, "kills", settings);
    ackUntilTheKiller(third, 2);
    third.kill();
    Push last =
        scene.push(
            scene.messaging(),
            topic,
            "kills",
            s -> s.retry(Retry.fixed(Duration.ZERO).maxAttempts(2)).deadLetterTo(box.name()),
            held -> {});
    var letters = box.await(1, failover());
    scene.await("everything else is settled", failover(), () -> settled().containsAll(others));
    last.close();
    scene.verify(
        "the killer is in the dead-letter topic after one death more than its attempts",
        () -> {
          assertThat(letters.get(0).body().orElseThrow()).asString(UTF_8).isEqualTo(KILLER);
          assertThat(DeadLetterBox.header(letters.get(0), "attempts")).hasValue("2");
        });
    scene.verify("and nothing else is", () -> assertThat(box.now()).hasSize(1));
    scene.verify(
        "the dead letter says that its process died",
        () ->
            assertThat(DeadLetterBox.header(letters.get(0), "reason").orElse("")).contains("died"));
    scene.verify(
        "the killer is not handed out once more",
        () -> assertThat(scene.history().all(Handed.class, h -> h.id().equals(KILLER))).hasSize(3));
    noneButTheKillerIsCounted();
    List<Event> events = scene.history().events();
    scene.verifyNone("nothing that was settled comes again", afterSettled(events, "kills"));
    scene.verifyNone("no key is reordered", HandOut.byKey(events, "kills"));
  }

  private void noneButTheKillerIsCounted() {
    scene.verify(
        "no neighbour's attempts are raised by the deaths",
        () ->
            assertThat(scene.history().all(Handed.class, h -> !h.id().equals(KILLER)))
                .isNotEmpty()
                .allMatch(h -> h.attempt() == 1));
  }

  private void ackUntilTheKiller(Worker worker, int attempt) {
    for (int seen = 1; ; seen++) {
      Handed next = worker.awaitHanded(seen, failover()).get(seen - 1);
      if (next.id().equals(KILLER)) {
        scene.verify(
            "only a death with it alone in hand counts for the killer",
            () -> assertThat(next.attempt()).isEqualTo(attempt));
        return;
      }
      worker.ack(next);
    }
  }

  private Set<String> settled() {
    Set<Long> handings =
        scene.history().all(SettleRequested.class, e -> true).stream()
            .map(SettleRequested::handing)
            .collect(Collectors.toSet());
    return scene.history().all(Handed.class, h -> handings.contains(h.handing())).stream()
        .map(Handed::id)
        .collect(Collectors.toSet());
  }

  @Rule("D11")
  void aKillerIsDiscardedWhereThatWasAskedFor() throws Exception {
    Topic<String> topic = scene.topic(1);
    List<String> others = killedOnce(topic, "discards", Exhausted.DISCARD);
    Push heir = heir(topic, "discards", Exhausted.DISCARD);
    scene.await(
        "a killer is discarded, and that is told",
        failover(),
        () -> heir.listener().told("discarded").size() == 1);
    scene.await("everything else is settled", failover(), () -> settled().containsAll(others));
    heir.close();
    onlyOnce();
  }

  @Rule("D11")
  void aKillerStopsTheMemberWhereThatWasAskedFor() throws Exception {
    Topic<String> topic = scene.topic(1);
    var unused = killedOnce(topic, "stops", Exhausted.STOP);
    Push heir = heir(topic, "stops", Exhausted.STOP);
    scene.await(
        "a killer stops its member", failover(), () -> heir.subscription().failure().isPresent());
    heir.close();
    onlyOnce();
  }

  private List<String> killedOnce(Topic<String> topic, String group, Exhausted action) {
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("k", KILLER);
    Worker doomed = scene.worker(topic, group, w -> w.attempts(1, action));
    handleForAWhile(doomed.awaitHanded(1).get(0));
    doomed.kill();
    return sender.sendAndConfirm("after", 4, 2);
  }

  private Push heir(Topic<String> topic, String group, Exhausted action) {
    return scene.push(
        scene.connect(),
        topic,
        group,
        s -> s.retry(Retry.fixed(Duration.ZERO).maxAttempts(1)).whenExhausted(action),
        held -> {});
  }

  private void onlyOnce() {
    scene.verify(
        "the killer is not handed out again",
        () -> assertThat(scene.history().all(Handed.class, h -> h.id().equals(KILLER))).hasSize(1));
    scene.verify(
        "no neighbour's attempts are raised by the death",
        () -> assertThat(scene.history().all(Handed.class, h -> h.attempt() > 1)).isEmpty());
  }
}
