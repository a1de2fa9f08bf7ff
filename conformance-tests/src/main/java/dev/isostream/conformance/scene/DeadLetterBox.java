package dev.isostream.conformance.scene;

import dev.isostream.Codecs;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Messaging;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.Topic;
import dev.isostream.conformance.history.Event;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A dead-letter topic and what a reader finds there, recorded. Confined to one thread. */
public final class DeadLetterBox {

  private static final String PREFIX = "isostream-dead-";
  private static final Duration STEP = Duration.ofMillis(50);

  private final Scene scene;
  private final Topic<byte @Nullable []> topic;

  DeadLetterBox(Scene scene) {
    this.scene = scene;
    this.topic = scene.topic(1, Codecs.nullable(Codecs.bytes()));
  }

  /** The topic's name. */
  public String name() {
    return topic.name();
  }

  /** All that there is now. */
  public List<Received<byte @Nullable []>> now() {
    List<Received<byte @Nullable []>> all = new ArrayList<>();
    try (Reader<byte @Nullable []> reader = messaging().reader(topic).untilEnd().open()) {
      while (!reader.isAtEnd()) {
        all.addAll(reader.readBatch(1000, STEP));
      }
    }
    all.forEach(this::record);
    return all;
  }

  /** Waits within the patience until there are so many, and gives them in their order. */
  public List<Received<byte @Nullable []>> await(int letters) {
    return await(letters, scene.timing().patience());
  }

  /** Waits within the limit until there are so many, and gives them in their order. */
  public List<Received<byte @Nullable []>> await(int letters, Duration limit) {
    List<Received<byte @Nullable []>> all = new ArrayList<>();
    try (Reader<byte @Nullable []> reader = messaging().reader(topic).open()) {
      scene.await(
          letters + " dead letters are stored",
          limit,
          () -> {
            all.addAll(reader.readBatch(1000, STEP));
            return all.size() >= letters;
          });
    }
    all.forEach(this::record);
    return all;
  }

  private Messaging messaging() {
    return scene.messaging();
  }

  private void record(Received<byte @Nullable []> letter) {
    String id = letter.body().map(body -> Records.id(text(body))).orElse("");
    String key = letter.key().orElse(null);
    String group = header(letter, "group").orElse("");
    String deadId = header(letter, "id").orElse("");
    String reason = header(letter, "reason").orElse("");
    int attempts = header(letter, "attempts").map(Integer::parseInt).orElse(0);
    scene
        .history()
        .record(
            nanos ->
                new Event.DeadLetterFound(
                    nanos, letter.topic(), group, id, key, deadId, attempts, reason));
  }

  /** What a dead letter's header says, by the end of its name; empty where there is none. */
  public static Optional<String> header(Received<?> letter, String name) {
    List<String> values = headers(letter, name);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  /** What all of a dead letter's headers of that name say. */
  public static List<String> headers(Received<?> letter, String name) {
    return letter.headers().asList().stream()
        .filter(header -> header.name().equals(PREFIX + name))
        .map(header -> text(header.value()))
        .toList();
  }

  /** The headers that a dead letter had as a message. */
  public static Headers own(Headers all) {
    List<Header> own =
        all.asList().stream().filter(header -> !header.name().startsWith(PREFIX)).toList();
    return Headers.of(own);
  }

  private static String text(byte @Nullable [] value) {
    return value == null ? "" : new String(value, StandardCharsets.UTF_8);
  }
}
