package dev.isostream.rabbitmq;

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

/** Which properties there are under {@code rabbitmq.}; names here are without it. Stateless. */
final class RabbitProperties {

  static final String USERNAME = "username";
  static final String PASSWORD = "password";
  static final String VIRTUAL_HOST = "virtual.host";

  /** {@code host:port} of AMQP 0-9-1, for topics to be created, grown and deleted. */
  static final String AMQP_ADDRESS = "amqp.address";

  /** Whether nodes are called where they say (advertised), or only at the addresses given. */
  static final String CONNECT = "connect";

  static final String HEARTBEAT = "heartbeat";
  static final String FAILOVER_TIME = "failover.time";
  static final String TLS = "tls";
  static final String TRUST_STORE = "tls.trust.store";
  static final String TRUST_STORE_PASSWORD = "tls.trust.store.password";

  /** Before an argument of streams that are created, for example {@code max-age}. */
  static final String TOPIC_CONFIG_PREFIX = "topic.config.";

  static final String ADVERTISED = "advertised";
  static final String GIVEN = "given";

  private static final Set<String> TOPIC_ARGUMENTS =
      Set.of(
          "max-length-bytes",
          "max-age",
          "stream-max-segment-size-bytes",
          "queue-leader-locator",
          "initial-cluster-size",
          "stream-filter-size-bytes");

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)");

  private enum Kind {
    TEXT("a text that is not empty"),
    SECRET("a text that is not empty"),
    NODE("host:port"),
    SWITCH("true or false"),
    CONNECTING("advertised or given"),
    HEARTBEATS("a duration from 1s to 5m, for example 10s"),
    FAILOVER("a duration from 1s to 1h, for example 15s");

    final String allowed;

    Kind(String allowed) {
      this.allowed = allowed;
    }
  }

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry(USERNAME, Kind.TEXT),
          Map.entry(PASSWORD, Kind.SECRET),
          Map.entry(VIRTUAL_HOST, Kind.TEXT),
          Map.entry(AMQP_ADDRESS, Kind.NODE),
          Map.entry(CONNECT, Kind.CONNECTING),
          Map.entry(HEARTBEAT, Kind.HEARTBEATS),
          Map.entry(FAILOVER_TIME, Kind.FAILOVER),
          Map.entry(TLS, Kind.SWITCH),
          Map.entry(TRUST_STORE, Kind.TEXT),
          Map.entry(TRUST_STORE_PASSWORD, Kind.SECRET));

  private RabbitProperties() {}

  static Set<String> names() {
    Set<String> names = new TreeSet<>(KINDS.keySet());
    TOPIC_ARGUMENTS.forEach(argument -> names.add(TOPIC_CONFIG_PREFIX + argument));
    return names;
  }

  static PropertyVerdict check(String name, String value) {
    if (name.startsWith(TOPIC_CONFIG_PREFIX)) {
      return TOPIC_ARGUMENTS.contains(name.substring(TOPIC_CONFIG_PREFIX.length()))
          ? new PropertyVerdict.Accepted(false)
          : new PropertyVerdict.Unknown();
    }
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
      case TEXT, SECRET -> !value.isEmpty();
      case NODE -> RabbitNode.parse(value).isPresent();
      case SWITCH -> value.equals("true") || value.equals("false");
      case CONNECTING -> value.equals(ADVERTISED) || value.equals(GIVEN);
      case HEARTBEATS -> within(value, Duration.ofSeconds(1), Duration.ofMinutes(5));
      case FAILOVER -> within(value, Duration.ofSeconds(1), Duration.ofHours(1));
    };
  }

  private static boolean within(String value, Duration least, Duration most) {
    Duration duration = duration(value);
    return duration != null && duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0;
  }

  /** Null where the text is none. */
  static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        default -> Duration.ofHours(number);
      };
    }
    try {
      return Duration.parse(text.strip());
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
