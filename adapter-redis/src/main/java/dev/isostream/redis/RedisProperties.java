package dev.isostream.redis;

import dev.isostream.spi.PropertyVerdict;
import dev.isostream.spi.PropertyVerdict.Accepted;
import dev.isostream.spi.PropertyVerdict.Refused;
import dev.isostream.spi.PropertyVerdict.Unknown;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which properties there are under {@code redis.} (contract E2). Names here are without that. */
final class RedisProperties {

  static final String MODE = "mode";
  static final String USER = "user";
  static final String PASSWORD = "password";
  static final String DATABASE = "database";
  static final String TLS = "tls";
  static final String TRUST_STORE = "tls.truststore.location";
  static final String TRUST_STORE_PASSWORD = "tls.truststore.password";
  static final String KEY_STORE = "tls.keystore.location";
  static final String KEY_STORE_PASSWORD = "tls.keystore.password";
  static final String SENTINEL_MASTER = "sentinel.master";
  static final String SENTINEL_USER = "sentinel.user";
  static final String SENTINEL_PASSWORD = "sentinel.password";
  static final String KEY_PREFIX = "key.prefix";
  static final String FAILOVER_TIME = "failover.time";
  static final String MAX_MESSAGE_BYTES = "max.message.bytes";
  static final String RETENTION_LENGTH = "topic.retention.length";
  static final String RETENTION_AGE = "topic.retention.age";
  static final String WAIT_REPLICAS = "wait.replicas";
  static final String ANNOUNCE = "announce";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private static final Map<String, Function<String, Optional<String>>> CHECKS =
      Map.ofEntries(
          Map.entry(MODE, oneOf("standalone", "sentinel", "cluster")),
          Map.entry(USER, RedisProperties::notEmpty),
          Map.entry(PASSWORD, RedisProperties::notEmpty),
          Map.entry(DATABASE, number(0, 1_000_000)),
          Map.entry(TLS, oneOf("true", "false")),
          Map.entry(TRUST_STORE, RedisProperties::notEmpty),
          Map.entry(TRUST_STORE_PASSWORD, RedisProperties::notEmpty),
          Map.entry(KEY_STORE, RedisProperties::notEmpty),
          Map.entry(KEY_STORE_PASSWORD, RedisProperties::notEmpty),
          Map.entry(SENTINEL_MASTER, RedisProperties::notEmpty),
          Map.entry(SENTINEL_USER, RedisProperties::notEmpty),
          Map.entry(SENTINEL_PASSWORD, RedisProperties::notEmpty),
          Map.entry(
              KEY_PREFIX,
              value ->
                  PREFIX.matcher(value).matches()
                      ? Optional.empty()
                      : Optional.of("allowed are 1 to 64 of A-Z a-z 0-9 . _ -")),
          Map.entry(FAILOVER_TIME, duration(Duration.ofSeconds(1), Duration.ofHours(1))),
          Map.entry(MAX_MESSAGE_BYTES, number(1024, 256 << 20)),
          Map.entry(RETENTION_LENGTH, number(1, Integer.MAX_VALUE)),
          Map.entry(RETENTION_AGE, duration(Duration.ofSeconds(1), Duration.ofDays(36_500))),
          Map.entry(WAIT_REPLICAS, number(0, 100)),
          Map.entry(ANNOUNCE, oneOf("true", "false")));

  private static final Set<String> SECRETS =
      Set.of(PASSWORD, SENTINEL_PASSWORD, TRUST_STORE_PASSWORD, KEY_STORE_PASSWORD);

  private RedisProperties() {}

  /** See {@link dev.isostream.spi.DriverProvider#check}. */
  static PropertyVerdict check(String name, String value) {
    Function<String, Optional<String>> judge = CHECKS.get(name);
    if (judge == null) {
      return new Unknown();
    }
    Optional<String> problem = judge.apply(value);
    return problem.isPresent() ? new Refused(problem.get()) : new Accepted(SECRETS.contains(name));
  }

  /** See {@link dev.isostream.spi.DriverProvider#propertyNames}. */
  static Set<String> names() {
    return CHECKS.keySet();
  }

  private static Optional<String> notEmpty(String value) {
    return value.isEmpty() ? Optional.of("it must not be empty") : Optional.empty();
  }

  private static Function<String, Optional<String>> oneOf(String... allowed) {
    Set<String> all = Set.of(allowed);
    return value ->
        all.contains(value)
            ? Optional.empty()
            : Optional.of("allowed is " + String.join(", ", allowed));
  }

  private static Function<String, Optional<String>> number(long least, long most) {
    return value -> {
      try {
        long number = Long.parseLong(value);
        if (number >= least && number <= most) {
          return Optional.empty();
        }
      } catch (NumberFormatException e) {
        // told below
      }
      return Optional.of("allowed are numbers from " + least + " to " + most);
    };
  }

  private static Function<String, Optional<String>> duration(Duration least, Duration most) {
    return value -> {
      Duration parsed = parseDuration(value);
      return parsed.compareTo(least) >= 0 && parsed.compareTo(most) <= 0
          ? Optional.empty()
          : Optional.of(
              "allowed are times such as 500ms, 10s, 5m, 12h, 7d, from "
                  + least.toSeconds()
                  + "s to "
                  + most.toSeconds()
                  + "s");
    };
  }

  /** A time with its unit; negative where it is none. */
  static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text.strip());
    if (!matcher.matches()) {
      return Duration.ofSeconds(-1);
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(Math.min(number, 1_000_000));
    };
  }
}
