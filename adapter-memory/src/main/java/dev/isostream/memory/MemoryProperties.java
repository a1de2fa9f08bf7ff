package dev.isostream.memory;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.PropertyVerdict;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which properties there are under {@code memory.}; names here are without it. Stateless. */
final class MemoryProperties {

  static final String SESSION_TIMEOUT = "session.timeout";
  static final String REBALANCE_TIMEOUT = "rebalance.timeout";
  static final String MAX_MESSAGE_BYTES = "max.message.bytes";
  static final String RETENTION_MESSAGES = "retention.messages";
  static final String USER = "user";
  static final String PASSWORD = "password";

  private static final Duration LEAST_TIMEOUT = Duration.ofMillis(10);
  private static final Duration MOST_TIMEOUT = Duration.ofHours(24);
  private static final Duration DEFAULT_SESSION = Duration.ofSeconds(3);
  private static final Duration DEFAULT_REBALANCE = Duration.ofMinutes(5);
  private static final int DEFAULT_MESSAGE_BYTES = 1 << 20;
  private static final int MOST_MESSAGE_BYTES = 1 << 30;
  private static final String DURATIONS =
      "a duration from 10ms to 24h, for example 500ms, 3s, 5m, 1h or PT3S";
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");

  private static final Map<String, Kind> KINDS =
      Map.of(
          SESSION_TIMEOUT, Kind.DURATION,
          REBALANCE_TIMEOUT, Kind.DURATION,
          MAX_MESSAGE_BYTES, Kind.BYTES,
          RETENTION_MESSAGES, Kind.COUNT,
          USER, Kind.TEXT,
          PASSWORD, Kind.SECRET);

  private enum Kind {
    DURATION(DURATIONS),
    BYTES("1 to " + MOST_MESSAGE_BYTES),
    COUNT("1 or more"),
    TEXT("a text that is not empty"),
    SECRET("a text that is not empty");

    final String allowed;

    Kind(String allowed) {
      this.allowed = allowed;
    }
  }

  private MemoryProperties() {}

  static Set<String> names() {
    return new TreeSet<>(KINDS.keySet());
  }

  static PropertyVerdict check(String name, String value) {
    Kind kind = KINDS.get(name);
    if (kind == null) {
      return new PropertyVerdict.Unknown();
    }
    return fits(kind, value)
        ? new PropertyVerdict.Accepted(kind == Kind.SECRET)
        : new PropertyVerdict.Refused("allowed is " + kind.allowed);
  }

  private static boolean fits(Kind kind, String value) {
    return switch (kind) {
      case DURATION -> duration(value) != null;
      case BYTES -> number(value, MOST_MESSAGE_BYTES) != null;
      case COUNT -> number(value, Long.MAX_VALUE) != null;
      case TEXT, SECRET -> !value.isEmpty();
    };
  }

  /** The settings of a connection; the properties were checked. */
  static MemoryConfig parse(DriverConfig config) {
    Map<String, String> properties = config.properties();
    return new MemoryConfig(
        config.clientId(),
        config.requestTimeout(),
        duration(properties, SESSION_TIMEOUT, DEFAULT_SESSION),
        duration(properties, REBALANCE_TIMEOUT, DEFAULT_REBALANCE),
        (int) number(properties, MAX_MESSAGE_BYTES, MOST_MESSAGE_BYTES, DEFAULT_MESSAGE_BYTES),
        number(properties, RETENTION_MESSAGES, Long.MAX_VALUE, Long.MAX_VALUE),
        properties.get(USER),
        properties.get(PASSWORD));
  }

  private static Duration duration(Map<String, String> properties, String name, Duration missing) {
    String value = properties.get(name);
    if (value == null) {
      return missing;
    }
    Duration parsed = duration(value);
    if (parsed == null) {
      throw illegal(name, value, Kind.DURATION);
    }
    return parsed;
  }

  private static long number(Map<String, String> properties, String name, long most, long missing) {
    String value = properties.get(name);
    if (value == null) {
      return missing;
    }
    Long parsed = number(value, most);
    if (parsed == null) {
      throw illegal(name, value, most == MOST_MESSAGE_BYTES ? Kind.BYTES : Kind.COUNT);
    }
    return parsed;
  }

  private static RuntimeException illegal(String name, String value, Kind kind) {
    return MemoryErrors.invalid(
        "memory." + name + " is \"" + value + "\"; allowed is " + kind.allowed);
  }

  private static @Nullable Long number(String value, long most) {
    try {
      long parsed = Long.parseLong(value.strip());
      return parsed >= 1 && parsed <= most ? parsed : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Duration duration(String value) {
    Duration parsed = parseDuration(value.strip().toLowerCase(Locale.ROOT));
    return parsed == null
            || parsed.compareTo(LEAST_TIMEOUT) < 0
            || parsed.compareTo(MOST_TIMEOUT) > 0
        ? null
        : parsed;
  }

  private static @Nullable Duration parseDuration(String value) {
    Matcher matcher = DURATION.matcher(value);
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofHours(amount);
      };
    }
    try {
      return Duration.parse(value);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
