package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.MessagingException;
import dev.isostream.StaleDeliveryException;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Outcome;
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
import java.util.concurrent.atomic.AtomicBoolean;

/** G4 to G7: members that come, go, die, and only seem dead. */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of an ack is in the history
public final class MembershipRules {

  private final Scene scene;

  /** For one test. */
  public MembershipRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("G4")
  void joiningAndLeavingInGoodOrderIsNotSeen() throws Exception {
    Topic<String> topic = scene.topic(4);
    Sender sender = scene.sender(topic);
    List<Push> members = new ArrayList<>();
    members.add(member(topic));
    int sent = 0;
    for (int round = 0; round < 6; round++) {
      sender.sendAndConfirm("r" + round, 60, 12);
      sent += 60;
      if (round % 2 == 0) {
        members.add(member(topic));
      } else {
        members.remove(0).close();
      }
    }
    int all = sent;
    scene.await(
        "everything is handled",
        failover(),
        () ->
            scene.history().all(Handed.class, h -> true).stream().map(Handed::id).distinct().count()
                >= all);
    List<Event> events = scene.history().events();
    scene.verifyNone("no message is lost", Deliveries.losses(events, topic.name(), "moves"));
    scene.verify(
        "no message comes twice",
        () ->
            assertThat(scene.history().all(Handed.class, h -> true).stream().map(Handed::id))
                .doesNotHaveDuplicates());
    scene.verifyNone("no key is reordered", HandOut.byKey(events, "moves"));
  }

  private Push member(Topic<String> topic) {
    return scene.push(scene.connect(), topic, "moves", s -> s.concurrency(8), held -> {});
  }

  @Rule("G4")
  void aHandlerThatRunsPastTheDrainLimitIsTold() throws Exception {
    Topic<String> topic = scene.topic(2);
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicBoolean revoked = new AtomicBoolean();
    CountDownLatch never = new CountDownLatch(1);
    Duration drain = Duration.ofMillis(300);
    Push slow =
        scene.push(
            scene.connect(),
            topic,
            "overruns",
            s -> s.drainLimit(drain).concurrency(50),
            held -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                revoked.compareAndSet(false, held.delivery().isRevoked());
                interrupted.set(true);
                throw e;
              }
            });
    scene.sender(topic).sendAndConfirm("m", 20, 20);
    scene.await("handlers run", () -> scene.history().unsettledHandings() == 20);
    Probe other = scene.probe(scene.connect(), topic, "overruns", c -> c.drainLimit(drain));
    List<Held> again = other.take(1, failover());
    scene.await("the handler is told by interruption", interrupted::get);
    scene.verify("and by isRevoked", () -> assertThat(revoked).isTrue());
    scene.verify(
        "its message comes again elsewhere",
        () ->
            assertThat(scene.history().all(Handed.class, h -> h.member().equals(slow.name())))
                .anyMatch(h -> h.id().equals(again.get(0).id())));
    never.countDown();
  }

  @Rule("G4")
  void aDrainLimitBeyondTheBrokersPatienceIsRefused() {
    Topic<String> topic = scene.topic(1);
    scene.refused(
        "a drain limit that the broker would not wait for is refused",
        MessagingException.class,
        () ->
            scene.probe(
                scene.messaging(), topic, "patient", c -> c.drainLimit(Duration.ofHours(20))));
  }

  @Rule("G5")
  void aDeadMemberIsReplacedAndOnlyTheUnsettledComesAgain() throws Exception {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", 20, 20);
    Worker doomed = scene.worker(topic, "replaced", w -> w.concurrency(100));
    List<Handed> handed = doomed.awaitHanded(20);
    for (int i = 0; i < 20; i += 2) {
      Outcome outcome = doomed.ack(handed.get(i));
      scene.verify("an ack is durable", () -> assertThat(outcome).isEqualTo(Outcome.DONE));
    }
    Probe heir = scene.probe(topic, "replaced");
    doomed.kill();
    long death = System.nanoTime();
    Held first = heir.take(1, failover()).get(0);
    Duration waited = Duration.ofNanos(System.nanoTime() - death);
    scene.verify(
        "a dead member is replaced within the declared failover time",
        () -> assertThat(waited).isLessThan(scene.limits().failoverTime().plusSeconds(2)));
    List<String> again = new ArrayList<>(List.of(first.id()));
    first.ack();
    again.addAll(heir.drain(9));
    List<String> unsettled = new ArrayList<>();
    for (int i = 1; i < 20; i += 2) {
      unsettled.add(handed.get(i).id());
    }
    scene.verify(
        "exactly what was not durably settled comes again",
        () -> assertThat(again).containsExactlyInAnyOrderElementsOf(unsettled));
    heir.nothing("something comes again that was durably settled");
  }

  @Rule("G6")
  void partitionsAreSpread() {
    Topic<String> topic = scene.topic(4);
    List<Probe> members = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      members.add(scene.probe(scene.connect(), topic, "spread", c -> c));
      spread(members, "after a member joined");
    }
    members.remove(0).close();
    spread(members, "after a member left");
    scene.sender(topic).sendAndConfirm("m", 40, 40);
    List<String> got = new ArrayList<>();
    long end = System.nanoTime() + scene.timing().patience().toNanos();
    while (got.size() < 40 && System.nanoTime() < end) {
      for (Probe member : members) {
        for (Held held : member.batch(10, Duration.ofMillis(10))) {
          got.add(held.id());
          held.ackLater();
        }
      }
    }
    scene.verify(
        "all partitions are read", () -> assertThat(got).hasSize(40).doesNotHaveDuplicates());
  }

  private void spread(List<Probe> members, String when) {
    scene.await(
        "no member has none while another has two or more, " + when,
        failover(),
        () -> {
          List<Integer> shares =
              members.stream().map(member -> member.consumer().assignment().size()).toList();
          int all = shares.stream().mapToInt(Integer::intValue).sum();
          boolean idle = shares.contains(0);
          return all == 4 && !(idle && shares.stream().anyMatch(share -> share >= 2));
        });
  }

  @Rule("G7")
  void aMemberThatOnlySeemedDeadIsHarmless() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 6, 6);
    Probe zombie =
        scene.probe(
            scene.connectThroughNetwork(Map.of("request-timeout", "2s")), topic, "haunted", c -> c);
    List<Held> old = zombie.take(6);
    Held settled = old.get(5);
    settled.ack();
    Probe heir = scene.probe(scene.connect(), topic, "haunted", c -> c);
    var network = scene.harness().faults().network();
    scene.fault("a member is cut off", network::cut);
    List<Held> taken = new ArrayList<>();
    taken.add(heir.take(1, failover()).get(0));
    taken.get(0).ack();
    Held second = heir.takeOne();
    network.restore();
    scene.faultEnded("a member is cut off");
    for (Held each : old.subList(0, 5)) {
      scene.refused(
          "a late settlement of a member that was replaced fails as stale",
          StaleDeliveryException.class,
          () -> each.ack());
    }
    Held again = second;
    scene.verify(
        "the new owner's settlement is not disturbed",
        () -> assertThat(again.ack()).isEqualTo(dev.isostream.Settlement.DONE));
    List<String> rest = heir.drain(3);
    taken.add(second);
    List<String> all = new ArrayList<>(rest);
    taken.forEach(held -> all.add(held.id()));
    scene.verify(
        "the new owner gets all that was not settled, once",
        () ->
            assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                    old.subList(0, 5).stream().map(Held::id).toList()));
    heir.nothing("a late settlement moves the group");
    zombie.close();
    heir.close();
    Probe after = scene.probe(topic, "haunted");
    after.nothing("a message comes again though it was settled by the new owner");
  }
}
