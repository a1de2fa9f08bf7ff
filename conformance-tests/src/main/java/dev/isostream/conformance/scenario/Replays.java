package dev.isostream.conformance.scenario;

import dev.isostream.Codecs;
import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Read;
import dev.isostream.conformance.scenario.Scenario.PlannedTopic;
import dev.isostream.conformance.scene.DeadLetterBox;
import dev.isostream.conformance.scene.Label;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads topics again, and records what is read. Confined to one thread. */
final class Replays {

  private static final Duration STEP = Duration.ofMillis(50);

  private final Scene scene;
  private final Map<String, Topic<byte @Nullable []>> topics;
  private final Set<Position> lettersSeen = new HashSet<>();

  Replays(Scene scene, Map<String, Topic<byte @Nullable []>> topics) {
    this.scene = scene;
    this.topics = topics;
  }

  private Messaging messaging() {
    return scene.messaging();
  }

  /** The greatest timestamp so far. */
  Instant newest() {
    return timestamps().stream().max(Instant::compareTo).orElse(Instant.EPOCH);
  }

  /** The least timestamp after this one, of what was stored after it. */
  Instant firstAfter(Instant time) {
    return timestamps().stream().filter(t -> t.isAfter(time)).min(Instant::compareTo).orElseThrow();
  }

  private List<Instant> timestamps() {
    return topics.values().stream()
        .flatMap(topic -> read(topic, reader -> reader).stream())
        .map(Received::timestamp)
        .toList();
  }

  /** All of each topic. */
  void everything() {
    topics.values().forEach(topic -> record(topic, "from earliest", reader -> reader, all -> true));
  }

  /** What was sent from this instant on. */
  void since(Instant time) {
    topics
        .values()
        .forEach(
            topic ->
                record(
                    topic,
                    "from the timestamp of phase 3",
                    reader -> reader.from(StartAt.timestamp(time)),
                    all -> true));
  }

  /**
   * From the position that a delivery had, kept as text, and from behind it. What else is in its
   * partition is the backend's choice, so only what has its key is recorded.
   */
  void fromPositions(Scenario scenario) {
    for (PlannedTopic planned : scenario.topics()) {
      Topic<byte @Nullable []> topic = topics.get(planned.name());
      List<Planned> keyed = planned.messages().stream().filter(m -> m.key() != null).toList();
      String label = keyed.get(keyed.size() / 3).label();
      Handed handed =
          scene.history().all(Handed.class, h -> h.id().equals(label)).stream()
              .findFirst()
              .orElseThrow();
      Position position = Position.parse(handed.position().toString());
      Predicate<Received<?>> ofKey = message -> Objects.equals(Label.key(message), handed.key());
      String name = Label.name(label);
      if (topic != null) {
        record(topic, "from " + name, reader -> reader.from(position), ofKey);
        record(topic, "after " + name, reader -> reader.after(position), ofKey);
      }
    }
  }

  private void record(
      Topic<byte @Nullable []> topic,
      String name,
      UnaryOperator<ReaderBuilder<byte @Nullable []>> settings,
      Predicate<Received<?>> filter) {
    for (Received<byte @Nullable []> message : read(topic, settings)) {
      if (filter.test(message)) {
        scene.history().record(nanos -> read(nanos, name, message));
      }
    }
  }

  private static Read read(long nanos, String reader, Received<?> message) {
    String label = Label.of(message);
    return new Read(
        nanos,
        message.topic(),
        reader,
        label,
        Label.key(message),
        message.partition(),
        message.position(),
        message.timestamp(),
        label.hashCode());
  }

  private List<Received<byte @Nullable []>> read(
      Topic<byte @Nullable []> topic, UnaryOperator<ReaderBuilder<byte @Nullable []>> settings) {
    List<Received<byte @Nullable []>> all = new ArrayList<>();
    try (Reader<byte @Nullable []> reader =
        settings.apply(messaging().reader(topic)).untilEnd().open()) {
      scene.await(
          "a bounded read comes to its end",
          () -> {
            all.addAll(reader.readBatch(1000, STEP));
            return reader.isAtEnd();
          });
    }
    return all;
  }

  /** Waits until a group has so many new dead letters, and records all that are new. */
  void deadLetters(Casting casting, int expected) {
    Topic<byte @Nullable []> topic =
        Topic.of(casting.deadLetters(), Codecs.nullable(Codecs.bytes()));
    List<Received<byte @Nullable []>> fresh = new ArrayList<>();
    scene.await(
        expected + " dead letters are stored",
        () -> {
          fresh.clear();
          for (Received<byte @Nullable []> letter : read(topic, reader -> reader)) {
            if (!lettersSeen.contains(letter.position())) {
              fresh.add(letter);
            }
          }
          return fresh.stream().map(l -> DeadLetterBox.header(l, "id")).distinct().count()
              >= expected;
        });
    for (Received<byte @Nullable []> letter : fresh) {
      lettersSeen.add(letter.position());
      record(letter);
    }
  }

  private void record(Received<?> letter) {
    String group = DeadLetterBox.header(letter, "group").orElse("");
    String deadId = DeadLetterBox.header(letter, "id").orElse("");
    int attempts = DeadLetterBox.header(letter, "attempts").map(Integer::parseInt).orElse(0);
    String reason = DeadLetterBox.header(letter, "reason").orElse("");
    scene
        .history()
        .record(
            nanos ->
                new Event.DeadLetterFound(
                    nanos,
                    letter.topic(),
                    group,
                    Label.of(letter),
                    Label.key(letter),
                    deadId,
                    attempts,
                    reason));
  }
}
