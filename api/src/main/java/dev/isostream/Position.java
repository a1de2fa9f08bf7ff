package dev.isostream;

import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names one stored message: opaque, totally ordered within its partition, turns into text and back
 * (contract R3). Immutable.
 *
 * <p>The text is {@code backend:topic/partition@words}, the words being decimal numbers joined by
 * dots, with {@code ~incarnation} behind it where the backend tells a topic from another of the
 * same name made later. Its shape is stable; what the words mean belongs to the backend.
 */
public final class Position implements Comparable<Position> {

  /** The longest text that is parsed, in characters (contract E5). */
  public static final int MAX_TEXT_LENGTH = 1024;

  private static final int MAX_WORDS = 8;
  private static final Pattern TEXT =
      Pattern.compile(
          "(?<backend>[a-z][a-z0-9-]{0,31}):(?<topic>[A-Za-z0-9._-]{1,255})/"
              + "(?<partition>[A-Za-z0-9._-]{1,255})@(?<words>-?\\d{1,19}(?:\\.-?\\d{1,19}){0,7})"
              + "(?:~(?<incarnation>[A-Za-z0-9_-]{1,64}))?");

  private final String backend;
  private final String topic;
  private final String partition;
  private final @Nullable String incarnation;
  private final long[] words;

  private Position(
      String backend, String topic, String partition, @Nullable String incarnation, long[] words) {
    this.backend = backend;
    this.topic = topic;
    this.partition = partition;
    this.incarnation = incarnation;
    this.words = words;
  }

  /**
   * Made by adapters.
   *
   * @param words 1 to 8 numbers that order the messages of the partition, the first one first
   */
  public static Position of(
      String backend, String topic, String partition, @Nullable String incarnation, long... words) {
    if (words.length == 0 || words.length > MAX_WORDS) {
      throw new IllegalArgumentException("1 to 8 words, not " + words.length);
    }
    return new Position(
        Objects.requireNonNull(backend, "backend"),
        Objects.requireNonNull(topic, "topic"),
        Objects.requireNonNull(partition, "partition"),
        incarnation,
        words);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * <p>Fails: {@link InvalidPositionException} for anything else; the text may come from anywhere
   * (contract E5).
   */
  public static Position parse(String text) {
    Objects.requireNonNull(text, "text");
    if (text.length() > MAX_TEXT_LENGTH) {
      throw new InvalidPositionException(
          "A position has at most " + MAX_TEXT_LENGTH + " characters, not " + text.length() + ".");
    }
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidPositionException(
          "Not a position: \""
              + text
              + "\". Expected the text of a Position, for example"
              + " \"kafka:orders/3@1025\".");
    }
    String[] parts = matcher.group("words").split("\\.", -1);
    long[] words = new long[parts.length];
    try {
      for (int i = 0; i < parts.length; i++) {
        words[i] = Long.parseLong(parts[i]);
      }
    } catch (NumberFormatException e) {
      throw new InvalidPositionException(
          "Not a position: \"" + text + "\": a number in it is beyond 64 bits.", e);
    }
    return new Position(
        matcher.group("backend"),
        matcher.group("topic"),
        matcher.group("partition"),
        matcher.group("incarnation"),
        words);
  }

  /** Another position of the same partition. For adapters and the engine. */
  public Position withWords(long... words) {
    return of(backend, topic, partition, incarnation, words);
  }

  /** The backend's scheme, for example {@code kafka}. */
  public String backend() {
    return backend;
  }

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /** The partition's name. */
  public String partition() {
    return partition;
  }

  /** Tells this topic from another of the same name; null where the backend does not show it. */
  public @Nullable String incarnation() {
    return incarnation;
  }

  /** How many words there are. For adapters. */
  public int wordCount() {
    return words.length;
  }

  /** One word. For adapters. */
  public long word(int index) {
    return words[index];
  }

  /**
   * Orders positions of one partition as they are stored.
   *
   * <p>Fails: {@link IllegalArgumentException} for positions of different partitions, which have no
   * order.
   */
  @Override
  public int compareTo(Position that) {
    if (!backend.equals(that.backend)
        || !topic.equals(that.topic)
        || !partition.equals(that.partition)) {
      throw new IllegalArgumentException(
          "Positions of different partitions have no order: " + this + " and " + that);
    }
    return Arrays.compare(words, that.words);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Position that
        && backend.equals(that.backend)
        && topic.equals(that.topic)
        && partition.equals(that.partition)
        && Objects.equals(incarnation, that.incarnation)
        && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * topic.hashCode() + partition.hashCode()) + Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(64);
    text.append(backend).append(':').append(topic).append('/').append(partition).append('@');
    for (int i = 0; i < words.length; i++) {
      if (i > 0) {
        text.append('.');
      }
      text.append(words[i]);
    }
    if (incarnation != null) {
      text.append('~').append(incarnation);
    }
    return text.toString();
  }
}
