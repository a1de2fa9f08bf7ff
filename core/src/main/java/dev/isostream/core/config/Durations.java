package dev.isostream.core.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as text: a number with a unit, as in {@code 200ms}, or ISO-8601. */
final class Durations {

  static final String HINT = " (as in 200ms, 30s, 2m, 1h, 7d or PT30S)";

  private static final Pattern SHORT = Pattern.compile("(\\d{1,18})\\s*(ms|s|m|h|d)");

  /** In milliseconds, longest first. */
  private static final List<Map.Entry<String, Long>> UNITS =
      List.of(
          Map.entry("d", 86_400_000L),
          Map.entry("h", 3_600_000L),
          Map.entry("m", 60_000L),
          Map.entry("s", 1_000L));

  private Durations() {}

  static Range<Duration> range(Duration min, Duration max) {
    return new Range<>(min, max, Durations::parse, Durations::format, HINT);
  }

  static Duration parse(String text) {
    Matcher matcher = SHORT.matcher(text);
    try {
      return matcher.matches()
          ? of(Long.parseLong(matcher.group(1)), matcher.group(2))
          : Duration.parse(text.toUpperCase(Locale.ROOT));
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IllegalArgumentException("not a duration", e);
    }
  }

  private static Duration of(long count, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /** The shortest exact form. */
  static String format(Duration duration) {
    long millis;
    try {
      millis = duration.toMillis();
    } catch (ArithmeticException e) {
      return duration.toString();
    }
    if (millis < 0 || !Duration.ofMillis(millis).equals(duration)) {
      return duration.toString();
    }
    if (millis == 0) {
      return "0s";
    }
    for (Map.Entry<String, Long> unit : UNITS) {
      if (millis % unit.getValue() == 0) {
        return millis / unit.getValue() + unit.getKey();
      }
    }
    return millis + "ms";
  }
}
