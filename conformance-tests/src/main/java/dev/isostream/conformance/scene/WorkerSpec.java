package dev.isostream.conformance.scene;

import dev.isostream.Exhausted;
import dev.isostream.Ordering;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a {@link Worker} is to do. Immutable.
 *
 * @param maxAttempts attempts of each message, with no wait between them; 0 without a bound
 * @param deadLetterTopic where given-up messages go; empty for none
 * @param acks whether it acks each message at once, or holds it until told what to do
 * @param exhausted what happens to those without a dead-letter topic, where attempts are bounded
 * @param latest whether a group that is not there yet starts at latest; else at earliest
 * @param labels whether it names messages by their {@link Label}, whatever their bytes; else they
 *     are text, and named by that
 */
public record WorkerSpec(
    String topic,
    String group,
    Ordering ordering,
    int concurrency,
    int maxAttempts,
    String deadLetterTopic,
    Exhausted exhausted,
    boolean acks,
    boolean latest,
    boolean labels) {

  /** Holds what it gets, 16 at a time, by key, for ever. */
  public static WorkerSpec of(String topic, String group) {
    return new WorkerSpec(
        topic, group, Ordering.KEY, 16, 0, "", Exhausted.STOP, false, false, false);
  }

  /** Acks each message at once. */
  public WorkerSpec acking() {
    return with(concurrency, maxAttempts, deadLetterTopic, exhausted, true, latest, labels);
  }

  /** With this many at a time. */
  public WorkerSpec concurrency(int deliveries) {
    return with(deliveries, maxAttempts, deadLetterTopic, exhausted, acks, latest, labels);
  }

  /** With so many attempts, and a dead-letter topic. */
  public WorkerSpec attempts(int attempts, String deadLetters) {
    return with(concurrency, attempts, deadLetters, exhausted, acks, latest, labels);
  }

  /** With so many attempts, and what happens then. */
  public WorkerSpec attempts(int attempts, Exhausted action) {
    return with(concurrency, attempts, "", action, acks, latest, labels);
  }

  /** Starting a new group at latest. */
  public WorkerSpec fromLatest() {
    return with(concurrency, maxAttempts, deadLetterTopic, exhausted, acks, true, labels);
  }

  /** Names messages by all that is in them. */
  public WorkerSpec labelled() {
    return with(concurrency, maxAttempts, deadLetterTopic, exhausted, acks, latest, true);
  }

  private WorkerSpec with(
      int deliveries,
      int attempts,
      String deadLetters,
      Exhausted action,
      boolean acking,
      boolean fromLatest,
      boolean labelling) {
    return new WorkerSpec(
        topic,
        group,
        ordering,
        deliveries,
        attempts,
        deadLetters,
        action,
        acking,
        fromLatest,
        labelling);
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
        encode(deadLetterTopic),
        exhausted.name(),
        Boolean.toString(acks),
        Boolean.toString(latest),
        Boolean.toString(labels));
  }

  static WorkerSpec parse(String[] words) {
    return new WorkerSpec(
        words[1],
        words[2],
        Ordering.valueOf(words[3]),
        Integer.parseInt(words[4]),
        Integer.parseInt(words[5]),
        decode(words[6]),
        Exhausted.valueOf(words[7]),
        Boolean.parseBoolean(words[8]),
        Boolean.parseBoolean(words[9]),
        Boolean.parseBoolean(words[10]));
  }

  /** Any text as one word that is never empty. */
  static String encode(String text) {
    return "=" + Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String decode(String word) {
    return new String(Base64.getUrlDecoder().decode(word.substring(1)), StandardCharsets.UTF_8);
  }
}
