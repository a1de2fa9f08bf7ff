package dev.isostream.conformance.scene;

import dev.isostream.Ordering;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a {@link Worker} is to do. Immutable.
 *
 * @param maxAttempts attempts of each message; waits between them are {@code retryMillis}
 * @param deadLetterTopic where given-up messages go; empty for discarding them
 * @param acks whether it acks each message at once, or holds it until told what to do
 */
public record WorkerSpec(
    String topic,
    String group,
    Ordering ordering,
    int concurrency,
    int maxAttempts,
    long retryMillis,
    String deadLetterTopic,
    boolean acks) {

  /** Holds what it gets, 16 at a time, by key, 5 attempts, no waits. */
  public static WorkerSpec of(String topic, String group) {
    return new WorkerSpec(topic, group, Ordering.KEY, 16, 5, 0, "", false);
  }

  /** Acks each message at once. */
  public WorkerSpec acking() {
    return new WorkerSpec(
        topic, group, ordering, concurrency, maxAttempts, retryMillis, deadLetterTopic, true);
  }

  /** With this many at a time. */
  public WorkerSpec concurrency(int deliveries) {
    return new WorkerSpec(
        topic, group, ordering, deliveries, maxAttempts, retryMillis, deadLetterTopic, acks);
  }

  /** With this ordering. */
  public WorkerSpec orderBy(Ordering order) {
    return new WorkerSpec(
        topic, group, order, concurrency, maxAttempts, retryMillis, deadLetterTopic, acks);
  }

  /** With so many attempts, and a dead-letter topic. */
  public WorkerSpec attempts(int attempts, String deadLetters) {
    return new WorkerSpec(
        topic, group, ordering, concurrency, attempts, retryMillis, deadLetters, acks);
  }

  String line() {
    return String.join(
        " ",
        "join",
        topic,
        group,
        ordering.name(),
        Integer.toString(concurrency),
        Integer.toString(maxAttempts),
        Long.toString(retryMillis),
        encode(deadLetterTopic),
        Boolean.toString(acks));
  }

  static WorkerSpec parse(String[] words) {
    return new WorkerSpec(
        words[1],
        words[2],
        Ordering.valueOf(words[3]),
        Integer.parseInt(words[4]),
        Integer.parseInt(words[5]),
        Long.parseLong(words[6]),
        decode(words[7]),
        Boolean.parseBoolean(words[8]));
  }

  /** Any text as one word that is never empty. */
  static String encode(String text) {
    return "=" + Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String decode(String word) {
    return new String(Base64.getUrlDecoder().decode(word.substring(1)), StandardCharsets.UTF_8);
  }
}
