package dev.isostream.core.config;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as text: plain, or with a unit, as in {@code 32MiB}. */
final class ByteSizes {

  static final String HINT = " (as in 4096, 64KiB, 32MiB or 1GiB)";

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L,
          "B", 1L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "kB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L);
  private static final List<String> SHOWN = List.of("GiB", "MiB", "KiB");

  private ByteSizes() {}

  static Range<Long> range(long min, long max) {
    return new Range<>(min, max, ByteSizes::parse, ByteSizes::format, HINT);
  }

  static long parse(String text) {
    Matcher matcher = SHAPE.matcher(text);
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("not a number of bytes");
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("beyond 64 bits", e);
    }
  }

  static String format(long bytes) {
    for (String unit : SHOWN) {
      long factor = UNITS.getOrDefault(unit, 1L);
      if (bytes != 0 && bytes % factor == 0) {
        return bytes / factor + unit;
      }
    }
    return Long.toString(bytes);
  }
}
