package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.GroupActiveException;
import dev.isostream.GroupAdmin;
import dev.isostream.IncompatibleGroupException;
import dev.isostream.MemberMetrics;
import dev.isostream.MessagingException;
import dev.isostream.Ordering;
import dev.isostream.Position;
import dev.isostream.Received;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import dev.isostream.conformance.scene.Worker;
import dev.isostream.conformance.scene.WorkerSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** G1, G2, G3, G8, G9, G10: what a group is. */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of an ack is in the history
public final class GroupRules {

  private final Scene scene;

  /** For one test. */
  public GroupRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("G1")
  void theGroupExistsWhenSubscribingHasReturned() throws Exception {
    Topic<String> topic = scene.topic(3);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("before", 9, 9);
    Worker member = scene.worker(topic, "latest", WorkerSpec::fromLatest);
    member.kill();
    List<String> ids = sender.sendAndConfirm("since", 30, 9);
    try (Probe late =
        scene.probe(scene.messaging(), topic, "latest", c -> c.startAt(StartAt.latest()))) {
      List<String> got = new ArrayList<>();
      Held first = late.take(1, failover()).get(0);
      got.add(first.id());
      first.ack();
      got.addAll(late.drain(29));
      scene.verify(
          "what was published after subscribing comes, though the member died at once",
          () -> assertThat(got).containsExactlyInAnyOrderElementsOf(ids));
    }
  }

  @Rule("G1")
  void latestIsBetweenCallAndReturn() {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("before", 10, 5);
    Probe latest =
        scene.probe(scene.messaging(), topic, "latest", c -> c.startAt(StartAt.latest()));
    // Each key once: nothing is acked here, and a key's second message may come in a second batch.
    List<String> ids = sender.sendAndConfirm("since", 10, 10);
    List<String> got = latest.take(10).stream().map(Held::id).toList();
    scene.verify(
        "from latest comes what was published since, and nothing from before",
        () -> assertThat(got).containsExactlyInAnyOrderElementsOf(ids));
  }

  @Rule("G1")
  void partitionsThatAppearLaterAreReadFromTheirFirstMessage() throws Exception {
    Topic<String> topic = scene.topic(1);
    Probe latest = scene.probe(scene.messaging(), topic, "grows", c -> c.startAt(StartAt.latest()));
    scene.messaging().topics().grow(topic.name(), 4);
    Sender sender = scene.sender(scene.connect(), topic, p -> p);
    scene.await(
        "messages reach new partitions",
        () -> {
          sender.sendAndConfirm("m" + scene.history().number(), 12, 12);
          return scene.readAll(topic).stream().map(Received::partition).distinct().count() > 1;
        });
    int sent = (int) scene.history().count(Event.SendConfirmed.class);
    List<String> got = latest.drain(sent, failover());
    scene.verifyNone(
        "everything of new partitions comes, from their first message on",
        Deliveries.losses(scene.history().events(), topic.name(), "grows"));
    scene.verify("each once", () -> assertThat(got).doesNotHaveDuplicates());
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("G2")
  void theStartIsUsedOnlyOnce() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 10, 1);
    try (Probe first = scene.probe(topic, "stays")) {
      first.drain(4);
    }
    Position last = scene.readAll(topic).get(9).position();
    int next = 4;
    for (StartAt other :
        List.of(
            StartAt.latest(),
            StartAt.earliest(),
            StartAt.timestamp(Instant.now().plusSeconds(3600)),
            StartAt.at(last))) {
      try (Probe again = scene.probe(scene.messaging(), topic, "stays", c -> c.startAt(other))) {
        Held held = again.takeOne();
        String wanted = "m-" + next++;
        scene.verify(
            "a group that exists goes on where it was, whatever start is given",
            () -> assertThat(held.id()).isEqualTo(wanted));
        held.ack();
      }
    }
    scene.verify(
        "how long a group lasts without members is declared",
        () -> assertThat(scene.limits().groupRetention()).isPositive());
    scene.verify(
        "a group without members is still there",
        () -> assertThat(scene.connect().groups().describe(topic.name(), "stays")).isPresent());
  }

  @Rule("G3")
  void eachMessageGoesToOneMemberOfEachGroup() throws Exception {
    Topic<String> topic = scene.topic(4);
    Probe one = scene.probe(scene.connect(), topic, "shared", c -> c);
    Probe two = scene.probe(scene.connect(), topic, "shared", c -> c);
    Probe alone = scene.probe(topic, "alone");
    scene.await(
        "both members have partitions",
        failover(),
        () -> one.consumer().assignment().size() == 2 && two.consumer().assignment().size() == 2);
    List<String> ids = scene.sender(topic).sendAndConfirm("m", 100, 50);
    List<String> shared = new ArrayList<>();
    long end = System.nanoTime() + scene.timing().patience().toNanos();
    while (shared.size() < 100 && System.nanoTime() < end) {
      for (Probe each : List.of(one, two)) {
        for (Held held : each.batch(10, Duration.ofMillis(20))) {
          shared.add(held.id());
          held.ackLater();
        }
      }
    }
    scene.verify(
        "each message goes to one member of a group",
        () -> assertThat(shared).containsExactlyInAnyOrderElementsOf(ids));
    List<String> all = alone.drain(100);
    scene.verify(
        "each group gets every message",
        () -> assertThat(all).containsExactlyInAnyOrderElementsOf(ids));
    one.nothing("a message goes to two members of a group");
    scene.verify(
        "more than one member got messages",
        () ->
            assertThat(
                    scene
                        .history()
                        .all(Event.Handed.class, h -> h.group().equals("shared"))
                        .stream()
                        .map(Event.Handed::member)
                        .distinct())
                .hasSize(2));
  }

  @Rule("G8")
  void groupsAreListedDescribedAndDeleted() throws Exception {
    Topic<String> topic = scene.topic(1);
    GroupAdmin groups = scene.messaging().groups();
    scene.verify(
        "a topic without groups lists none", () -> assertThat(groups.list(topic.name())).isEmpty());
    scene.sender(topic).sendAndConfirm("m", 10, 1);
    Probe member = scene.probe(topic, "admin");
    member.drain(4);
    scene.verify(
        "a topic lists its groups",
        () -> assertThat(groups.list(topic.name())).containsExactly("admin"));
    GroupAdmin.Description live = groups.describe(topic.name(), "admin").orElseThrow();
    scene.verify(
        "a group's live members are described with their partitions",
        () -> {
          assertThat(live.members()).hasSize(1);
          assertThat(live.members().get(0).partitions()).isEqualTo(member.consumer().assignment());
        });
    GroupAdmin.Lag lag = live.partitions().values().iterator().next();
    scene.verify(
        "the lag counts what is not settled, or says that it can't tell",
        () -> {
          if (lag.count().isPresent() && lag.exact()) {
            assertThat(lag.count().getAsLong()).isEqualTo(6);
          }
        });
    scene.verify(
        "the lag has an age", () -> assertThat(lag.age()).isGreaterThanOrEqualTo(Duration.ZERO));
    scene.refused(
        "a group with a live member can't be reset",
        GroupActiveException.class,
        () -> groups.reset(topic.name(), "admin", StartAt.earliest()));
    scene.refused(
        "a group with a live member can't be deleted",
        GroupActiveException.class,
        () -> groups.delete(topic.name(), "admin"));
    Held next = member.takeOne();
    scene.verify("what was refused changed nothing", () -> assertThat(next.id()).isEqualTo("m-4"));
    next.ack();
    member.close();
    scene.await(
        "a group whose member left has no members",
        () -> groups.describe(topic.name(), "admin").orElseThrow().members().isEmpty());
    groups.delete(topic.name(), "admin");
    scene.verify(
        "a deleted group is gone",
        () -> {
          assertThat(groups.list(topic.name())).isEmpty();
          assertThat(groups.describe(topic.name(), "admin")).isEqualTo(Optional.empty());
        });
  }

  @Rule("G8")
  void aGroupIsResetToEachKindOfPlace() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    for (int i = 0; i < 10; i++) {
      sender.sendAndConfirm("k", "m-" + i);
      long sent = System.currentTimeMillis();
      scene.await("time goes on", () -> System.currentTimeMillis() > sent + 1);
    }
    List<Received<String>> all = scene.readAll(topic);
    try (Probe group = scene.probe(topic, "moved")) {
      group.drain(5);
    }
    resetLeadsTo(topic, StartAt.earliest(), 0);
    resetLeadsTo(topic, StartAt.timestamp(all.get(7).timestamp()), 7);
    resetLeadsTo(topic, StartAt.at(all.get(3).position()), 3);
    resetLeadsTo(topic, StartAt.after(all.get(3).position()), 4);
    scene.messaging().groups().reset(topic.name(), "moved", StartAt.latest());
    try (Probe group = scene.probe(topic, "moved")) {
      sender.sendAndConfirm("k", "new");
      Held held = group.takeOne();
      scene.verify(
          "after a reset to latest only new messages come",
          () -> assertThat(held.id()).isEqualTo("new"));
    }
  }

  private void resetLeadsTo(Topic<String> topic, StartAt target, int first) throws Exception {
    scene.messaging().groups().reset(topic.name(), "moved", target);
    scene.history().record(nanos -> new Event.Reset(nanos, "moved"));
    try (Probe group = scene.probe(topic, "moved")) {
      List<String> got = group.drain(10 - first);
      scene.verify(
          "after a reset to " + target.getClass().getSimpleName() + " everything from there comes",
          () ->
              assertThat(got)
                  .isEqualTo(IntStream.range(first, 10).mapToObj(i -> "m-" + i).toList()));
    }
  }

  @Rule("G9")
  void aGroupWhoseNextMessagesWereRemovedGoesOnAndTellsOfTheGap() throws Exception {
    Topic<String> topic = scene.trimmableTopic();
    scene.sender(topic).sendOneByOne("m", 10);
    List<Received<String>> all = scene.readAll(topic);
    try (Probe group = scene.probe(topic, "gap")) {
      group.drain(2);
    }
    scene.harness().trim(all.get(6).position());
    try (Probe group = scene.probe(topic, "gap")) {
      List<String> got = group.drain(4);
      scene.verify(
          "a group goes on at the earliest message left",
          () -> assertThat(got).containsExactly("m-6", "m-7", "m-8", "m-9"));
      scene.await("the gap is told", () -> !group.listener().told("gap").isEmpty());
      scene.verify(
          "the gap says where it goes on",
          () ->
              assertThat(group.listener().told("gap"))
                  .singleElement()
                  .satisfies(
                      told -> assertThat(told.details()[2]).isEqualTo(all.get(6).position())));
      counts(group.consumer().metrics(), 4);
    }
  }

  /** Not every backend's positions tell how many; and some count what is no message too. */
  private void counts(MemberMetrics figures, long lost) {
    scene.verify(
        "the figures count the gap",
        () -> {
          assertThat(figures.gaps()).isEqualTo(1);
          assertThat(figures.messagesLost().orElse(lost)).isGreaterThanOrEqualTo(lost);
        });
  }

  @Rule("G10")
  void membersThatDoNotFitAreRefusedWithWhatDiffers() throws Exception {
    Topic<String> topic = scene.topic(1);
    Topic<String> dead = scene.topic(1);
    Topic<String> otherDead = scene.topic(1);
    Retry three = Retry.fixed(Duration.ZERO).maxAttempts(3);
    try (Probe first =
        scene.probe(
            scene.messaging(),
            topic,
            "fits",
            c -> c.orderBy(Ordering.KEY).retry(three).deadLetterTo(dead.name()))) {
      misfit(
          topic,
          "another ordering",
          "KEY",
          "PARTITION",
          c -> c.orderBy(Ordering.PARTITION).retry(three).deadLetterTo(dead.name()));
      misfit(
          topic,
          "other attempts",
          "3",
          "7",
          c -> c.retry(three.maxAttempts(7)).deadLetterTo(dead.name()));
      misfit(
          topic,
          "another dead-letter topic",
          dead.name(),
          otherDead.name(),
          c -> c.retry(three).deadLetterTo(otherDead.name()));
      scene.sender(topic).sendAndConfirm("k", "m");
      Held held = first.takeOne();
      scene.verify("the members that fit go on", () -> assertThat(held.id()).isEqualTo("m"));
      held.ack();
    }
    try (Probe same =
        scene.probe(
            scene.messaging(), topic, "fits", c -> c.retry(three).deadLetterTo(dead.name()))) {
      scene.verify(
          "a member that fits joins", () -> assertThat(same.consumer().failure()).isEmpty());
    }
  }

  private void misfit(
      Topic<String> topic,
      String what,
      String theirs,
      String own,
      java.util.function.UnaryOperator<dev.isostream.ConsumerBuilder<String>> settings) {
    MessagingException refused =
        scene.refused(
            "a member with " + what + " is refused",
            IncompatibleGroupException.class,
            () -> scene.probe(scene.connect(), topic, "fits", settings));
    scene.verify(
        "the error names both values of " + what,
        () -> assertThat(refused.getMessage()).contains(theirs).contains(own));
  }
}
