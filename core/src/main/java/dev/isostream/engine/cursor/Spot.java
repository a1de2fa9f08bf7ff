package dev.isostream.engine.cursor;

import dev.isostream.Position;
import dev.isostream.spi.SourceRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message's place within its lane, cut down to what tells it from others there. Immutable,
 * ordered within a partition.
 */
public final class Spot implements Comparable<Spot> {

  private final String partition;
  private final long[] words;

  Spot(String partition, long[] words) {
    this.partition = partition;
    this.words = words;
  }

  /** The spot of an offset, in a lane whose positions are dense. */
  public static Spot dense(long offset) {
    return new Spot("", new long[] {offset});
  }

  /** The spot of a position. */
  public static Spot of(Position position) {
    long[] words = new long[position.wordCount()];
    for (int i = 0; i < words.length; i++) {
      words[i] = position.word(i);
    }
    return new Spot(position.partition(), words);
  }

  /** The spot of a record. */
  public static Spot of(SourceRecord message, boolean dense) {
    return dense ? dense(message.offset()) : of(message.position());
  }

  /** The partition's name; empty in dense lanes, which have one. */
  String partition() {
    return partition;
  }

  /** The only word of a dense spot. */
  public long offset() {
    return words[0];
  }

  long[] words() {
    return words;
  }

  @Override
  public int compareTo(Spot that) {
    return partition.equals(that.partition)
        ? Arrays.compare(words, that.words)
        : partition.compareTo(that.partition);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Spot that
        && partition.equals(that.partition)
        && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return 31 * partition.hashCode() + Arrays.hashCode(words);
  }

  @Override
  public String toString() {
    return partition + "@" + Arrays.toString(words);
  }
}
