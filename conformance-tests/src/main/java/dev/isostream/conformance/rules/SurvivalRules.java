package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Messaging;
import dev.isostream.Topic;
import dev.isostream.conformance.Faults;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.scene.Check;
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
import java.util.concurrent.CompletableFuture;

/** D1 to D3: nothing is lost, and nothing that was settled comes again, whatever breaks. */
public final class SurvivalRules {

  private static final int MESSAGES = 300;

  private final Scene scene;

  /** For one test. */
  public SurvivalRules(Scene scene) {
    this.scene = scene;
  }

  private Duration recovery() {
    return scene
        .limits()
        .failoverTime()
        .plus(scene.limits().reconnectTime())
        .plus(scene.timing().patience());
  }

  @Rule("D1")
  void nothingIsLostWhenTheBrokerIsKilled() throws Exception {
    Faults faults = scene.harness().faults();
    throughHarm(
        "the broker is killed",
        scene.connectThroughNetwork(Map.of()),
        faults::killBroker,
        faults::startBroker);
  }

  @Rule("D1")
  void nothingIsLostWhenConnectionsAreCut() throws Exception {
    Faults.Network network = scene.harness().faults().network();
    throughHarm(
        "connections are cut",
        scene.connectThroughNetwork(Map.of()),
        network::cut,
        network::restore);
  }

  @Rule("D1")
  void nothingIsLostWhenRepliesAreLost() throws Exception {
    Faults.Network network = scene.harness().faults().network();
    throughHarm(
        "replies are lost",
        scene.connectThroughNetwork(Map.of()),
        () -> {
          network.restore();
          network.loseReplies();
        },
        network::restore);
  }

  /** Sends and handles all the time; the harm begins with a send undecided and a delivery open. */
  private void throughHarm(String name, Messaging messaging, Check harm, Check end)
      throws Exception {
    Topic<String> topic = scene.topic(3);
    Sender sender = scene.sender(messaging, topic, p -> p);
    Push members =
        scene.push(
            messaging, topic, "survives", s -> s.concurrency(10), held -> ackAndForget(held));
    List<CompletableFuture<?>> sent = new ArrayList<>(sender.sendMany("calm", MESSAGES, 20));
    sender.sendAndConfirm("k0", "held-back");
    Probe holder = scene.probe(messaging, topic, "holds", c -> c);
    holder.takeOne();
    scene.harness().faults().network().hold();
    sent.addAll(sender.sendMany("harmed", MESSAGES, 20));
    scene.faultInTheMiddle(name, harm);
    sent.addAll(sender.sendMany("after", MESSAGES / 3, 20));
    end.run();
    scene.harness().faults().network().restore();
    scene.faultEnded(name);
    scene.await(
        "every send is confirmed after the harm",
        recovery(),
        () -> sent.stream().allMatch(CompletableFuture::isDone));
    scene.await(
        "everything confirmed is handed out",
        recovery(),
        () -> Deliveries.losses(scene.history().events(), topic.name(), "survives").isEmpty());
    members.close();
    List<Event> events = scene.history().events();
    scene.verifyNone("nothing is lost", Deliveries.losses(events, topic.name(), "survives"));
    scene.verifyNone("no key is reordered", HandOut.byKey(events, "survives"));
    scene.verifyNone(
        "nothing comes again that was settled", Deliveries.afterSettled(events, "survives"));
  }

  private static void ackAndForget(Held held) {
    var unused = held.ackLater().exceptionally(failure -> null);
  }

  @Rule("D1")
  void nothingIsLostWhenMembersAreKilled() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(scene.connectThroughNetwork(Map.of()), topic, p -> p);
    sender.sendAndConfirm("first", 40, 10);
    Worker holding = scene.worker(topic, "killed", w -> w.concurrency(5));
    List<Handed> held = holding.awaitHanded(5);
    holding.ack(held.get(0));
    var network = scene.harness().faults().network();
    network.hold();
    List<CompletableFuture<?>> sent = new ArrayList<>(sender.sendMany("more", 40, 10));
    scene.await(
        "a moment in the middle",
        () -> scene.history().undecidedSends() > 0 && scene.history().unsettledHandings() > 0);
    holding.kill();
    network.restore();
    scene.await("every send is confirmed", () -> sent.stream().allMatch(CompletableFuture::isDone));
    try (Probe heir = scene.probe(topic, "killed")) {
      scene.await(
          "everything confirmed is settled in the end",
          recovery(),
          () -> {
            heir.batch(20, Duration.ofMillis(50)).forEach(SurvivalRules::ackAndForget);
            return Deliveries.neverSettled(scene.history().events(), topic.name(), "killed")
                .isEmpty();
          });
    }
    List<Event> events = scene.history().events();
    scene.verifyNone("nothing is lost", Deliveries.losses(events, topic.name(), "killed"));
    scene.verifyNone("no key is reordered", HandOut.byKey(events, "killed"));
    scene.verifyNone(
        "nothing comes again that was settled", Deliveries.afterSettled(events, "killed"));
    scene.verifyNone(
        "nothing comes twice but what was open at the death",
        Deliveries.unexcused(events, "killed"));
  }

  @Rule("D2")
  void eachMessageIsAckedForItself() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 10, 10);
    try (Probe group = scene.probe(topic, "single")) {
      List<Held> held = group.take(10);
      for (int i : new int[] {7, 9, 4}) {
        scene.verify(
            "a message is acked while earlier ones are open",
            () -> assertThat(held.get(i).ack()).isEqualTo(dev.isostream.Settlement.DONE));
      }
    }
    try (Probe group = scene.probe(topic, "single")) {
      List<String> rest = group.drain(7);
      scene.verify(
          "the open ones come again, the acked ones don't",
          () ->
              assertThat(rest)
                  .containsExactlyInAnyOrder("m-0", "m-1", "m-2", "m-3", "m-5", "m-6", "m-8"));
      group.nothing("a message comes again that was acked while earlier ones were open");
    }
  }

  @Rule("D3")
  void anAckIsFinalWhateverMemberDiesNext() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 30, 30);
    Worker doomed = scene.worker(topic, "final", w -> w.concurrency(100));
    List<Handed> handed = doomed.awaitHanded(30);
    List<String> open = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      if (i % 3 == 0) {
        open.add(handed.get(i).id());
      } else {
        Outcome outcome = doomed.ack(handed.get(i));
        scene.verify(
            "an ack completes while earlier messages are open",
            () -> assertThat(outcome).isEqualTo(Outcome.DONE));
      }
    }
    doomed.kill();
    try (Probe heir = scene.probe(topic, "final")) {
      List<Held> again = new ArrayList<>(heir.take(1, recovery()));
      again.get(0).ack();
      while (again.size() < open.size()) {
        Held next = heir.takeOne();
        again.add(next);
        next.ack();
      }
      scene.verify(
          "after the death exactly the open ones come",
          () -> assertThat(again.stream().map(Held::id)).containsExactlyInAnyOrderElementsOf(open));
      heir.nothing("a message comes again after its ack was final");
    }
    scene.verifyNone(
        "nothing comes again that was settled",
        Deliveries.afterSettled(scene.history().events(), "final"));
  }

  @Rule("D3")
  void anAckIsFinalThroughTheBrokersCrash() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 30, 30);
    Probe group = scene.probe(topic, "crash");
    List<Held> held = group.take(30);
    List<String> open = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      if (i % 3 == 0) {
        open.add(held.get(i).id());
      } else {
        held.get(i).ack();
      }
    }
    Duration loss = scene.limits().ackLossOnBrokerCrash();
    if (!loss.isZero()) {
      long settled = System.nanoTime();
      scene.await(
          "the acks are older than the declared loss",
          loss.multipliedBy(3).plusSeconds(1),
          () -> System.nanoTime() - settled > loss.toNanos());
    }
    scene.fault("the broker is killed", scene.harness().faults()::killBroker);
    scene.harness().faults().startBroker();
    scene.faultEnded("the broker is killed");
    group.close();
    try (Probe after = scene.probe(scene.connect(), topic, "crash", c -> c)) {
      // one by one: the member before may have been missed meanwhile, with all of them in hand
      List<String> again = after.drain(open.size(), recovery());
      scene.verify(
          "after the broker's crash exactly the open ones come",
          () -> assertThat(again).containsExactlyInAnyOrderElementsOf(open));
      after.nothing("a message comes again after its ack was final");
    }
  }
}
