package dev.isostream.core.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads values that have a unit, or a word for a value, which Jackson does not know. */
final class Units {

  /** How to write them, in words, by type. */
  static final Map<Class<?>, String> HINTS =
      Map.of(
          Duration.class, " (as in 200ms, 30s, 2m, 1h, 7d or PT30S)",
          Long.class, " (as in 4096, 64KiB, 32MiB or 1GiB)");

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
  private static final Map<String, ChronoUnit> TIMES =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);
  private static final Map<String, Long> SIZES =
      Map.of(
          "", 1L,
          "B", 1L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "kB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L);
  private static final int MOST_ATTEMPTS = 1_000_000;

  private Units() {}

  /** Fails: {@link java.time.DateTimeException}, {@link ArithmeticException}. */
  static Duration duration(String text) {
    Matcher matcher = SHAPE.matcher(text);
    ChronoUnit unit = matcher.matches() ? TIMES.get(matcher.group(2)) : null;
    return unit == null
        ? Duration.parse(text)
        : Duration.of(Long.parseLong(matcher.group(1)), unit);
  }

  /** Fails: {@link IllegalArgumentException}, {@link ArithmeticException}. */
  static long bytes(String text) {
    Matcher matcher = SHAPE.matcher(text);
    Long unit = matcher.matches() ? SIZES.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("not a number of bytes");
    }
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
  }

  /** Fails: {@link IllegalArgumentException}. */
  static OptionalInt attempts(String text) {
    if (text.equals("forever")) {
      return OptionalInt.empty();
    }
    int most = Integer.parseInt(text);
    if (most < 1 || most > MOST_ATTEMPTS) {
      throw new IllegalArgumentException("out of range");
    }
    return OptionalInt.of(most);
  }
}
