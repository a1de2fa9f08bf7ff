package dev.isostream.kinesis;

import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.math.BigInteger;

/**
 * A message's place in its shard: the record's sequence number, and which message of the record it
 * is. Immutable, ordered as stored.
 *
 * <p>As words of a position: the sequence number, which has up to 129 digits, in 7 words of 63
 * bits, the highest first, then the index.
 *
 * @param index from 0; -1 for before the record, {@link #ALL} for behind it
 */
record KinesisId(BigInteger sequence, long index) implements Comparable<KinesisId> {

  static final long ALL = Long.MAX_VALUE;

  /** Before everything. */
  static final KinesisId ORIGIN = new KinesisId(BigInteger.ZERO, -1);

  static final int WORDS = 8;

  private static final int WORD_BITS = 63;
  private static final int SEQUENCE_WORDS = WORDS - 1;
  private static final int MOST_BITS = WORD_BITS * SEQUENCE_WORDS;
  private static final BigInteger MASK = BigInteger.valueOf(Long.MAX_VALUE);

  /** Whether a position's words may be one's (contract E5). */
  static boolean isPossible(Position position) {
    if (position.wordCount() != WORDS) {
      return false;
    }
    for (int i = 0; i < WORDS; i++) {
      if (position.word(i) < 0) {
        return false;
      }
    }
    return true;
  }

  static KinesisId of(Position position) {
    BigInteger sequence = BigInteger.ZERO;
    for (int i = 0; i < SEQUENCE_WORDS; i++) {
      sequence = sequence.shiftLeft(WORD_BITS).or(BigInteger.valueOf(position.word(i)));
    }
    return new KinesisId(sequence, position.word(SEQUENCE_WORDS));
  }

  /** What was told last when this is the place to go on. */
  static KinesisId before(Place place) {
    if (place instanceof Place.At at) {
      KinesisId id = of(at.position());
      return new KinesisId(id.sequence, id.index - 1);
    }
    return place instanceof Place.After after ? of(after.position()) : ORIGIN;
  }

  long[] words() {
    if (sequence.bitLength() > MOST_BITS) {
      throw new IllegalArgumentException("a sequence number of " + sequence.bitLength() + " bits");
    }
    long[] words = new long[WORDS];
    BigInteger rest = sequence;
    for (int i = SEQUENCE_WORDS - 1; i >= 0; i--) {
      words[i] = rest.and(MASK).longValue();
      rest = rest.shiftRight(WORD_BITS);
    }
    words[SEQUENCE_WORDS] = index;
    return words;
  }

  @Override
  public int compareTo(KinesisId that) {
    int order = sequence.compareTo(that.sequence);
    return order == 0 ? Long.compare(index, that.index) : order;
  }
}
