package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Position;
import dev.isostream.PositionRemovedException;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder.Removed;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Replay;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.scene.Gaps;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** R1 to R7: readers and reset groups. */
public final class ReplayRules {

  private final Scene scene;

  /** For one test. */
  public ReplayRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("R1")
  void aReaderStartsWhereItIsTold() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    List<String> ids = sender.sendAndConfirm("m", 10, 3);
    List<Received<String>> all = scene.readAll(topic);
    Position fourth = all.get(4).position();
    scene.verify("from earliest: everything", () -> assertThat(payloads(all)).isEqualTo(ids));
    scene.verify(
        "at a position: it and what follows",
        () ->
            assertThat(payloads(scene.readAll(scene.messaging(), topic, r -> r.from(fourth))))
                .isEqualTo(ids.subList(4, 10)));
    scene.verify(
        "after a position: what follows it",
        () ->
            assertThat(payloads(scene.readAll(scene.messaging(), topic, r -> r.after(fourth))))
                .isEqualTo(ids.subList(5, 10)));
    scene.verify(
        "from a timestamp in the past: everything",
        () ->
            assertThat(
                    payloads(
                        scene.readAll(
                            scene.messaging(),
                            topic,
                            r -> r.from(StartAt.timestamp(Instant.EPOCH)))))
                .isEqualTo(ids));
    try (Reader<String> latest = scene.messaging().reader(topic).from(StartAt.latest()).open()) {
      sender.sendAndConfirm("k", "new");
      scene.verify(
          "from latest: only what was sent since",
          () -> assertThat(scene.readNext(latest, "latest").payload()).isEqualTo("new"));
    }
  }

  @Rule("R1")
  void aReaderReadsThePartitionsItIsTold() {
    Topic<String> topic = scene.topic(4);
    scene.sender(topic).sendAndConfirm("m", 80, 40);
    Map<String, List<String>> byPartition = byPartition(scene.readAll(topic));
    scene.verify(
        "the messages are in several partitions",
        () -> assertThat(byPartition).hasSizeGreaterThan(1));
    Set<String> some =
        byPartition.keySet().stream().limit(byPartition.size() - 1).collect(Collectors.toSet());
    Map<String, List<String>> read =
        byPartition(scene.readAll(scene.messaging(), topic, r -> r.partitions(some)));
    Map<String, List<String>> wanted =
        byPartition.entrySet().stream()
            .filter(entry -> some.contains(entry.getKey()))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    scene.verify(
        "a reader of some partitions reads those", () -> assertThat(read).isEqualTo(wanted));
  }

  @Rule("R2")
  void readingAgainGivesTheSame() {
    Topic<String> topic = scene.topic(3);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("m", 150, 10);
    scene.readAllAs("first", scene.messaging(), topic, r -> r);
    scene.readAllAs("second", scene.messaging(), topic, r -> r);
    scene.readAllAs("elsewhere", scene.connect(), topic, r -> r);
    List<Event> events = scene.history().events();
    scene.verifyNone(
        "reading again gives the same messages, positions, bytes and timestamps",
        Replay.differences(events, "first", "second"));
    scene.verifyNone(
        "reading from another connection gives the same",
        Replay.differences(events, "first", "elsewhere"));
  }

  @Rule("R3")
  void aPositionTravelsAsTextToAnotherProcess() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    for (int i = 0; i < 20; i++) {
      sender.sendAndConfirm("same", "m-" + i);
    }
    Probe group = scene.probe(topic, "text");
    List<Held> held = new ArrayList<>();
    while (held.size() < 20) {
      Held next = group.takeOne();
      held.add(next);
      next.ack();
    }
    for (int i : new int[] {0, 7, 19}) {
      Position own = held.get(i).delivery().position();
      Position parsed = Position.parse(own.toString());
      scene.verify("a position's text turns back into it", () -> assertThat(parsed).isEqualTo(own));
      List<Received<String>> read = scene.readAll(scene.connect(), topic, r -> r.from(parsed));
      List<String> wanted = held.subList(i, 20).stream().map(Held::id).toList();
      scene.verify(
          "elsewhere, a delivery's position resumes exactly there",
          () -> assertThat(payloads(read)).isEqualTo(wanted));
    }
  }

  @Rule("R4")
  void aTimestampLeadsToTheFirstMessageOfThatTimeOrLater() {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    for (int i = 0; i < 24; i++) {
      sender.sendAndConfirm("k" + i % 6, "m-" + i);
      long sent = System.currentTimeMillis();
      if (i % 3 == 2) {
        scene.await("time goes on", () -> System.currentTimeMillis() > sent + 1);
      }
    }
    List<Received<String>> all = scene.readAll(topic);
    Set<Instant> instants = new TreeSet<>();
    for (Received<String> message : all) {
      instants.add(message.timestamp());
      instants.add(message.timestamp().plusMillis(1));
      instants.add(message.timestamp().minusMillis(1));
    }
    scene.verify(
        "who sets the timestamps is declared",
        () -> assertThat(scene.limits().timestampSource()).isNotNull());
    int step = Math.max(1, instants.size() / 12);
    List<Instant> asked = new ArrayList<>(instants);
    for (int i = 0; i < asked.size(); i += step) {
      Instant from = asked.get(i);
      Map<String, List<String>> read =
          byPartition(
              scene.readAll(scene.messaging(), topic, r -> r.from(StartAt.timestamp(from))));
      scene.verify(
          "in each partition the first message of that time or later, and all behind it",
          () -> assertThat(read).isEqualTo(byPartition(since(all, from))));
    }
  }

  private static List<Received<String>> since(List<Received<String>> all, Instant from) {
    Set<String> begun = new TreeSet<>();
    List<Received<String>> rest = new ArrayList<>();
    for (Received<String> message : all) {
      if (begun.contains(message.partition()) || !message.timestamp().isBefore(from)) {
        begun.add(message.partition());
        rest.add(message);
      }
    }
    return rest;
  }

  @Rule("R5")
  void aRemovedPositionIsNamedOrReported() throws Exception {
    Topic<String> topic = scene.trimmableTopic();
    Sender sender = scene.sender(topic);
    sender.sendOneByOne("m", 10);
    List<Received<String>> all = scene.readAll(topic);
    Position second = all.get(2).position();
    Position sixth = all.get(6).position();
    scene.harness().trim(sixth);
    PositionRemovedException removed =
        scene.refused(
            "a removed position is an error",
            PositionRemovedException.class,
            () -> scene.readAll(scene.messaging(), topic, r -> r.from(second)));
    scene.verify(
        "the error names the earliest position left",
        () -> assertThat(removed.earliest()).contains(sixth));
    Gaps gaps = new Gaps();
    List<Received<String>> rest =
        scene.readAll(
            scene.messaging(),
            topic,
            r -> r.from(second).whenRemoved(Removed.CONTINUE).listener(gaps));
    scene.verify(
        "a reader that is to go on starts at the earliest left",
        () -> assertThat(payloads(rest)).containsExactly("m-6", "m-7", "m-8", "m-9"));
    scene.verify(
        "and tells of the gap, and where it goes on",
        () -> assertThat(gaps.continuedAt()).containsExactly(sixth));
    scene.verify(
        "from earliest nothing is missing",
        () ->
            assertThat(payloads(scene.readAll(topic))).containsExactly("m-6", "m-7", "m-8", "m-9"));
  }

  @Rule("R5")
  void aRunningReaderIsToldWhatWasRemoved() throws Exception {
    Topic<String> topic = scene.trimmableTopic();
    Sender sender = scene.sender(topic);
    sender.sendOneByOne("m", 5);
    List<Received<String>> all = scene.readAll(topic);
    try (Reader<String> reader = scene.messaging().reader(topic).open()) {
      scene.readNext(reader, "running");
      scene.harness().trim(all.get(4).position());
      reader.seek(StartAt.at(all.get(1).position()));
      scene.refused(
          "a reader that seeks to what was removed fails",
          PositionRemovedException.class,
          () -> reader.read(scene.timing().patience()));
    }
  }

  @Rule("R5")
  void aTopicMadeAnewHasNoneOfTheOldPositions() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("old", 5, 1);
    Position old = scene.readAll(topic).get(1).position();
    scene.messaging().topics().delete(topic.name());
    scene.await(
        "the deleted topic is gone",
        () -> scene.messaging().topics().describe(topic.name()).isEmpty());
    scene.messaging().topics().create(topic.name(), 1);
    scene.sender(topic).sendAndConfirm("new", 5, 1);
    if (old.incarnation() == null && !isRemoved(topic, old)) {
      scene.verify(
          "where the backend shows no difference, the position leads into the new topic",
          () -> assertThat(scene.readAll(scene.messaging(), topic, r -> r.from(old))).isNotEmpty());
      return;
    }
    scene.refused(
        "a position of a topic that was made anew counts as removed",
        PositionRemovedException.class,
        () -> scene.readAll(scene.connect(), topic, r -> r.from(old)));
  }

  /** Positions may show the difference by themselves, where no number of theirs is used twice. */
  private boolean isRemoved(Topic<String> topic, Position old) throws Exception {
    try {
      scene.readAll(scene.messaging(), topic, r -> r.from(old));
      return false;
    } catch (PositionRemovedException e) {
      return true;
    }
  }

  @Rule("R6")
  void aReaderSeeksAndKnowsTheEnd() throws Exception {
    Topic<String> topic = scene.topic(2);
    try (Reader<String> empty = scene.messaging().reader(topic).open();
        Reader<String> nothing = scene.messaging().reader(topic).untilEnd().open()) {
      scene.verify(
          "a reader of an empty topic has caught up",
          () -> assertThat(empty.isCaughtUp()).isTrue());
      scene.verify(
          "a bounded read of an empty topic ends at once",
          () -> {
            assertThat(nothing.read(scene.timing().patience())).isEmpty();
            assertThat(nothing.isAtEnd()).isTrue();
          });
    }
    Sender sender = scene.sender(topic);
    for (int i = 0; i < 10; i++) {
      sender.sendAndConfirm("k", "m-" + i);
    }
    try (Reader<String> reader = scene.messaging().reader(topic).open()) {
      scene.verify(
          "a reader with messages before it has not caught up",
          () -> assertThat(reader.isCaughtUp()).isFalse());
      List<Received<String>> read = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        read.add(scene.readNext(reader, "seeking"));
      }
      scene.verify(
          "a reader that has read all has caught up",
          () -> assertThat(reader.isCaughtUp()).isTrue());
      reader.seek(StartAt.at(read.get(3).position()));
      scene.verify(
          "after a seek it goes on there",
          () -> assertThat(scene.readNext(reader, "seeking").payload()).isEqualTo("m-3"));
      reader.seek(StartAt.latest());
      sender.sendAndConfirm("k", "new");
      scene.verify(
          "after a seek to latest only new messages come",
          () -> assertThat(scene.readNext(reader, "seeking").payload()).isEqualTo("new"));
    }
  }

  @Rule("R6")
  void aBoundedReadStopsAtTheEndAsItStoodAndDisturbsNoGroup() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    List<String> before = sender.sendAndConfirm("before", 20, 20);
    Probe group = scene.probe(topic, "undisturbed");
    List<Held> held = group.take(5);
    List<String> read = new ArrayList<>();
    try (Reader<String> reader = scene.messaging().reader(topic).untilEnd().open()) {
      List<String> after = sender.sendAndConfirm("after", 5, 3);
      scene.verify("more was sent meanwhile", () -> assertThat(after).hasSize(5));
      for (Received<String> message : reader) {
        read.add(message.payload());
        scene.evidence().read(1);
      }
      scene.verify("it is at its end", () -> assertThat(reader.isAtEnd()).isTrue());
    }
    scene.verify(
        "a bounded read gives all that there was at its start, and no more",
        () -> assertThat(read).isEqualTo(before));
    scene.verify(
        "reading leaves no group behind",
        () ->
            assertThat(scene.messaging().groups().list(topic.name()))
                .containsExactly("undisturbed"));
    for (Held each : held) {
      each.ack();
    }
    List<String> rest = group.drain(20);
    scene.verify(
        "the group gets everything once, as if nobody had read",
        () ->
            assertThat(rest)
                .hasSize(20)
                .doesNotContainAnyElementsOf(held.stream().map(Held::id).toList()));
  }

  @Rule("R7")
  void aGroupThatIsResetGetsEverythingAsIfNew() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    List<String> ids = sender.sendAndConfirm("m", 20, 5);
    try (Probe group = scene.probe(topic, "again")) {
      for (Held held : group.take(5)) {
        held.nack(Duration.ZERO);
      }
      while (scene.history().all(Event.SettleRequested.class, e -> e.how() == Event.How.ACK).size()
          < 20) {
        group.takeOne().ack();
      }
    }
    scene.messaging().groups().reset(topic.name(), "again", StartAt.earliest());
    scene.history().record(nanos -> new Event.Reset(nanos, "again"));
    try (Probe group = scene.probe(topic, "again")) {
      List<Held> again = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Held held = group.takeOne();
        again.add(held);
        held.ack();
      }
      scene.verify(
          "after a reset everything comes, whatever was acked",
          () -> assertThat(again.stream().map(Held::id)).containsExactlyInAnyOrderElementsOf(ids));
      scene.verify(
          "after a reset attempts are 1",
          () -> assertThat(again).allMatch(held -> held.attempt() == 1));
    }
  }

  @Rule("R7")
  void aGroupIsResetToAPosition() throws Exception {
    Topic<String> topic = scene.topic(1);
    List<String> ids = scene.sender(topic).sendAndConfirm("m", 10, 3);
    try (Probe group = scene.probe(topic, "back")) {
      group.drain(10);
    }
    Position middle = scene.readAll(topic).get(6).position();
    scene.messaging().groups().reset(topic.name(), "back", StartAt.at(middle));
    scene.history().record(nanos -> new Event.Reset(nanos, "back"));
    try (Probe group = scene.probe(topic, "back")) {
      List<String> again = group.drain(4);
      scene.verify(
          "after a reset to a position, it and everything behind it comes",
          () -> assertThat(again).containsExactlyInAnyOrderElementsOf(ids.subList(6, 10)));
      group.nothing("a message from before the target of a reset comes");
    }
  }

  private static List<String> payloads(List<Received<String>> messages) {
    return messages.stream().map(Received::payload).toList();
  }

  private static Map<String, List<String>> byPartition(List<Received<String>> messages) {
    return messages.stream()
        .collect(
            Collectors.groupingBy(
                Received::partition, Collectors.mapping(Received::payload, Collectors.toList())));
  }
}
