package dev.isostream.redis;

import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The id of a stream's entry: milliseconds, and a number within them. Both are unsigned to Redis.
 */
record RedisId(long millis, long number) implements Comparable<RedisId> {

  static final RedisId ZERO = new RedisId(0, 0);

  /** Digits that fit a signed long, whatever they are. */
  private static final int SURE_DIGITS = 18;

  static RedisId parse(byte[] text) {
    // of each message: without a text between, where it is an ordinary one
    int dash = 0;
    while (dash < text.length && text[dash] != '-') {
      dash++;
    }
    long millis = digits(text, 0, dash);
    long number = digits(text, dash + 1, text.length);
    return millis < 0 || number < 0
        ? parse(new String(text, StandardCharsets.US_ASCII))
        : new RedisId(millis, number);
  }

  /** The number that is written there; -1 where it is none, or a long one. */
  private static long digits(byte[] text, int from, int to) {
    if (from >= to || to - from > SURE_DIGITS) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  static RedisId parse(String text) {
    int dash = text.indexOf('-');
    return new RedisId(
        Long.parseUnsignedLong(text, 0, dash, 10),
        Long.parseUnsignedLong(text, dash + 1, text.length(), 10));
  }

  static RedisId of(Position position) {
    return new RedisId(position.word(0), position.wordCount() > 1 ? position.word(1) : 0);
  }

  /** The greatest id that lies before a place. */
  static RedisId before(Place place) {
    if (place instanceof Place.At at) {
      return of(at.position()).previous();
    }
    if (place instanceof Place.After after) {
      return of(after.position());
    }
    if (place instanceof Place.Origin) {
      return ZERO;
    }
    throw new IllegalArgumentException("not a place to read from: " + place);
  }

  RedisId previous() {
    if (number != 0) {
      return new RedisId(millis, number - 1);
    }
    return millis == 0 ? ZERO : new RedisId(millis - 1, -1);
  }

  boolean isZero() {
    return millis == 0 && number == 0;
  }

  byte[] bytes() {
    if (millis < 0 || number < 0) {
      return toString().getBytes(StandardCharsets.US_ASCII);
    }
    // of each message twice: without a text between
    int dash = digits(millis);
    byte[] all = new byte[dash + 1 + digits(number)];
    write(millis, all, dash);
    all[dash] = '-';
    write(number, all, all.length);
    return all;
  }

  private static int digits(long value) {
    int count = 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      count++;
    }
    return count;
  }

  private static void write(long value, byte[] to, int end) {
    long rest = value;
    int at = end;
    do {
      to[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
  }

  // written out: as records have them they are slow, and each message is looked up in sets

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RedisId that && millis == that.millis && number == that.number;
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(millis) + Long.hashCode(number);
  }

  @Override
  public int compareTo(RedisId that) {
    int byMillis = Long.compareUnsigned(millis, that.millis);
    return byMillis != 0 ? byMillis : Long.compareUnsigned(number, that.number);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(number);
  }
}
