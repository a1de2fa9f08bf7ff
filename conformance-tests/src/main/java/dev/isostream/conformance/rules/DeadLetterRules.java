package dev.isostream.conformance.rules;

import static dev.isostream.conformance.scene.DeadLetterBox.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Codecs;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Message;
import dev.isostream.Position;
import dev.isostream.Received;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scene.DeadLetterBox;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** D6: what is given up is kept, with where it came from and why. */
public final class DeadLetterRules {

  private final Scene scene;

  /** For one test. */
  public DeadLetterRules(Scene scene) {
    this.scene = scene;
  }

  private static Retry attempts(int attempts) {
    return Retry.fixed(Duration.ZERO).maxAttempts(attempts);
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("D6")
  void afterItsAttemptsAMessageIsKeptWithWhereItCameFromAndWhyItFailed() throws Exception {
    Topic<String> topic = scene.topic(2);
    DeadLetterBox box = scene.deadLetters();
    Headers headers = Headers.of(List.of(Header.of("h", "1"), Header.of("h", "2")));
    Position position;
    try (var producer = scene.messaging().producer(topic).open()) {
      Message<String> message = Message.of("poison").key("k").headers(headers);
      position =
          scene
              .complete("a message is sent", producer.send(message))
              .position()
              .toCompletableFuture()
              .join();
    }
    scene.sender(topic).sendAndConfirm("k", "behind");
    Instant before = Instant.now().minusSeconds(60);
    Push group =
        scene.push(
            scene.messaging(),
            topic,
            "gives-up",
            s -> s.retry(attempts(3)).deadLetterTo(box.name()),
            held -> {
              if (held.id().equals("poison")) {
                throw new IllegalArgumentException("why " + held.attempt());
              }
            });
    Received<byte @Nullable []> letter = box.await(1).get(0);
    scene.await("its key goes on", () -> handings("behind") == 1);
    group.close();
    scene.verify(
        "it was tried as often as was asked for",
        () -> assertThat(handings("poison")).isEqualTo(3));
    scene.verify(
        "payload, key and headers are as they were",
        () -> {
          assertThat(letter.body().orElseThrow()).asString(UTF_8).isEqualTo("poison");
          assertThat(letter.key()).hasValue("k");
          assertThat(DeadLetterBox.own(letter.headers())).isEqualTo(headers);
        });
    describes(letter, topic.name(), position, "gives-up", 3);
    scene.verify(
        "the headers say when, and why: the last failure as class name and message",
        () -> {
          assertThat(Instant.parse(header(letter, "at").orElseThrow())).isAfter(before);
          assertThat(header(letter, "reason"))
              .hasValue("java.lang.IllegalArgumentException: why 3");
        });
    scene.verify(
        "the listener is told", () -> assertThat(group.listener().told("deadLettered")).hasSize(1));
    Probe again =
        scene.probe(
            scene.messaging(),
            topic,
            "gives-up",
            c -> c.retry(attempts(3)).deadLetterTo(box.name()));
    again.nothing("a dead-lettered message comes again");
  }

  private int handings(String id) {
    return scene.history().all(Handed.class, h -> h.id().equals(id)).size();
  }

  private void describes(
      Received<?> letter, String topic, Position position, String group, int attempts) {
    scene.verify(
        "the headers say where it came from and how often it was tried",
        () -> {
          assertThat(header(letter, "topic")).hasValue(topic);
          assertThat(header(letter, "partition")).hasValue(position.partition());
          assertThat(Position.parse(header(letter, "position").orElseThrow())).isEqualTo(position);
          assertThat(header(letter, "group")).hasValue(group);
          assertThat(header(letter, "attempts")).hasValue(Integer.toString(attempts));
          assertThat(header(letter, "id")).hasValue(group + "@" + position);
        });
  }

  @Rule("D6")
  void deadLetterGivesUpAtOnce() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox box = scene.deadLetters();
    scene.sender(topic).sendAndConfirm("m", 2, 1);
    Position position;
    try (Probe group = probe(topic, "at-once", box.name())) {
      Held held = group.takeOne();
      position = held.delivery().position();
      Settlement settlement = held.deadLetter("because ✓");
      scene.verify("it is done", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
      scene.verify(
          "when the stage completes, the dead letter is stored",
          () -> assertThat(box.now()).hasSize(1));
      group.takeOne().ack();
    }
    Received<byte @Nullable []> letter = box.now().get(0);
    describes(letter, topic.name(), position, "at-once", 1);
    scene.verify(
        "with the reason given", () -> assertThat(header(letter, "reason")).hasValue("because ✓"));
    Probe again = probe(topic, "at-once", box.name());
    again.nothing("a dead-lettered message comes again");
  }

  private Probe probe(Topic<String> topic, String group, String box) {
    return scene.probe(
        scene.messaging(), topic, group, c -> c.retry(attempts(3)).deadLetterTo(box));
  }

  /** The dead letter of a dead letter has these headers once, and the later ones. */
  @Rule("D6")
  void aDeadLetterOfADeadLetterSaysWhereItCameFromLast() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox first = scene.deadLetters();
    DeadLetterBox second = scene.deadLetters();
    scene.sender(topic).sendAndConfirm("k", "twice");
    try (Probe group = probe(topic, "first", first.name())) {
      group.takeOne().deadLetter("first");
    }
    Topic<String> between = Topic.of(first.name(), Codecs.utf8());
    try (Probe group = probe(between, "second", second.name())) {
      group.takeOne().deadLetter("second");
    }
    Position position = first.now().get(0).position();
    Received<byte @Nullable []> letter = second.now().get(0);
    describes(letter, first.name(), position, "second", 1);
    scene.verify(
        "they are replaced, not repeated",
        () -> {
          assertThat(DeadLetterBox.headers(letter, "reason")).containsExactly("second");
          assertThat(DeadLetterBox.headers(letter, "id")).hasSize(1);
        });
  }

  /** Nothing tells a lost reply from a lost request: the new owner stores it again. */
  @Rule("D6")
  void aCrashBetweenStoringAndSettlingGivesTwoOfOneId() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox box = scene.deadLetters();
    scene.sender(topic).sendAndConfirm("m", 2, 2);
    Probe doomed =
        scene.probe(
            scene.connectThroughNetwork(Map.of("request-timeout", "2s")),
            topic,
            "twice",
            c -> c.retry(attempts(3)).deadLetterTo(box.name()));
    doomed.takeOne().deadLetter("all is well");
    Held held = doomed.takeOne();
    var network = scene.harness().faults().network();
    scene.fault("replies are lost", network::loseReplies);
    CompletableFuture<Settlement> undecided =
        held.delivery().deadLetter("its reply is lost").toCompletableFuture();
    box.await(2);
    scene.verify(
        "it is not settled before its storing is confirmed",
        () -> assertThat(undecided.isDone()).isFalse());
    scene.fault("its member is cut off", network::cut);
    Probe heir = probe(topic, "twice", box.name());
    Held again = heir.take(1, failover()).get(0);
    scene.verify(
        "what was not settled comes again, though its dead letter was stored",
        () -> assertThat(again.id()).isEqualTo(held.id()));
    again.deadLetter("again");
    heir.nothing("it comes again though its dead letter is confirmed");
    heir.close();
    network.restore();
    scene.faultEnded("its member is cut off");
    List<String> ids =
        box.now().stream().map(letter -> header(letter, "id").orElseThrow()).toList();
    String id = "twice@" + held.delivery().position();
    scene.verify(
        "every copy of a dead letter has one id: group and source position",
        () -> {
          assertThat(ids.stream().filter(id::equals).count()).isGreaterThanOrEqualTo(2);
          assertThat(ids.stream().distinct()).hasSize(2);
        });
  }

  @Rule("D6")
  void aDeadLetterTopicThatCantBeWrittenLosesNothing() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox box = scene.deadLetters();
    scene.sender(topic).sendAndConfirm("m", 3, 1);
    Probe group = probe(topic, "keeps-trying", box.name());
    scene.fault(
        "the dead-letter topic is deleted", () -> scene.messaging().topics().delete(box.name()));
    Held held = group.takeOne();
    CompletableFuture<Settlement> stage =
        held.delivery().deadLetter("to be kept").toCompletableFuture();
    scene.await(
        "that it can't be written is reported",
        failover().multipliedBy(2),
        () -> !group.listener().told("deadLetterFailed").isEmpty());
    scene.verify("it is not settled meanwhile", () -> assertThat(stage).isNotDone());
    group.nothing("its key goes on before it is kept");
    scene.messaging().topics().create(box.name(), 1);
    scene.faultEnded("the dead-letter topic is deleted");
    Received<byte @Nullable []> letter = box.await(1, failover().multipliedBy(2)).get(0);
    scene.verify(
        "it is tried again until it is stored",
        () -> assertThat(letter.body().orElseThrow()).asString(UTF_8).isEqualTo("m-0"));
    Settlement settlement = scene.complete("then it is settled", stage);
    scene.verify("and done", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
    group.drain(2);
  }
}
