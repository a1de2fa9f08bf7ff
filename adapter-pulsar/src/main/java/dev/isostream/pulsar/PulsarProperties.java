package dev.isostream.pulsar;

import dev.isostream.spi.PropertyVerdict;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pulsar.client.impl.conf.ClientConfigurationData;
import org.apache.pulsar.client.impl.conf.ProducerConfigurationData;
import org.jspecify.annotations.Nullable;

/**
 * Which properties there are under {@code pulsar.}; names here are without it. Stateless.
 *
 * <p>A name of the native client's configuration is passed on as it is; one of the native
 * producer's has {@code producer.} before it. What would break the contract is refused.
 */
final class PulsarProperties {

  static final String TENANT = "tenant";
  static final String NAMESPACE = "namespace";

  /** Where the HTTP interface is. */
  static final String ADMIN_URL = "admin.url";

  static final String TLS = "tls";
  static final String FAILOVER_TIME = "failover.time";

  /** Whether the adapter sees to it that topics refuse copies, or trusts that they do. */
  static final String DEDUPLICATION = "deduplication";

  /** How far the clocks of publishers may lie apart. */
  static final String CLOCK_SKEW = "clock.skew";

  /** How long, and how many bytes, topics that are created keep what every group has acked. */
  static final String RETENTION_TIME = "topic.retention.time";

  static final String RETENTION_BYTES = "topic.retention.bytes";

  /** Messages that a lane's consumer fetches ahead at most. */
  static final String RECEIVER_QUEUE_SIZE = "consumer.receiverQueueSize";

  static final String PRODUCER_PREFIX = "producer.";
  static final String ENSURE = "ensure";
  static final String TRUST = "trust";
  static final String FOREVER = "forever";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._=:-]{1,200}");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");
  private static final int LARGEST_QUEUE = 100_000;

  private static final Map<String, String> OWN =
      Map.of(
          TENANT, "letters, digits and . _ = : -",
          NAMESPACE, "letters, digits and . _ = : -",
          ADMIN_URL, "http://host:port or https://host:port",
          TLS, "true or false",
          FAILOVER_TIME, "a duration from 1s to 1h, for example 15s",
          DEDUPLICATION, "ensure or trust",
          CLOCK_SKEW, "a duration from 0s to 1h, for example 5s",
          RETENTION_TIME, "forever, or a duration from 1m, for example 7d",
          RETENTION_BYTES, "forever, or a number of bytes",
          RECEIVER_QUEUE_SIZE, "a number from 1 to " + LARGEST_QUEUE);

  /** Of the native client's: what would break the contract, and how. */
  private static final Map<String, String> REFUSED_CLIENT =
      Map.ofEntries(
          Map.entry("serviceUrl", "the address says it"),
          Map.entry("serviceUrlProvider", "the address says it"),
          Map.entry("useTls", "pulsar.tls says it"),
          Map.entry("operationTimeoutMs", "the request timeout is set for all backends"),
          Map.entry("lookupTimeoutMs", "the request timeout is set for all backends"),
          Map.entry("memoryLimitBytes", "each producer has its maxInFlightBytes (contract P5)"),
          Map.entry("enableTransaction", "there are no transactions"),
          Map.entry("authentication", "authPluginClassName and authParams say it"));

  /** Of the native producer's. */
  private static final Map<String, String> REFUSED_PRODUCER =
      Map.ofEntries(
          Map.entry("topicName", "the topic is given"),
          Map.entry("producerName", "the broker knows copies by it (contract P4)"),
          Map.entry("initialSequenceId", "the broker knows copies by it (contract P4)"),
          Map.entry("sendTimeoutMs", "each producer has its delivery timeout (contract P3)"),
          Map.entry("blockIfQueueFull", "each producer has its maxBlock (contract P5)"),
          Map.entry("maxPendingMessages", "each producer has its maxInFlight (contract P5)"),
          Map.entry(
              "maxPendingMessagesAcrossPartitions",
              "each producer has its maxInFlight (contract P5)"),
          Map.entry(
              "messageRoutingMode",
              "messages of one key go to one partition, the same as of other clients"),
          Map.entry("chunkingEnabled", "a chunked message is not confirmed as one (contract P1)"),
          Map.entry("chunkMaxMessageSize", "there are no chunks"),
          Map.entry("accessMode", "producers of a topic do not exclude each other"));

  private static final Set<String> SECRETS =
      Set.of("authParams", "tlsTrustStorePassword", "tlsKeyStorePassword", "socks5ProxyPassword");

  private static final Set<Class<?>> BOXED = Set.of(Integer.class, Long.class, Boolean.class);
  private static final Map<String, Class<?>> CLIENT = fields(ClientConfigurationData.class);
  private static final Map<String, Class<?>> PRODUCER = fields(ProducerConfigurationData.class);

  private PulsarProperties() {}

  /** Those that a text can give: numbers, switches, texts, enumerations. */
  private static Map<String, Class<?>> fields(Class<?> configuration) {
    Map<String, Class<?>> found = new TreeMap<>();
    for (Field field : configuration.getDeclaredFields()) {
      Class<?> type = field.getType();
      boolean simple =
          type.isPrimitive() || type.isEnum() || type == String.class || BOXED.contains(type);
      if (simple && !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
        found.put(field.getName(), type);
      }
    }
    return found;
  }

  static Set<String> names() {
    Set<String> names = new TreeSet<>(OWN.keySet());
    names.addAll(CLIENT.keySet());
    PRODUCER.keySet().forEach(name -> names.add(PRODUCER_PREFIX + name));
    names.removeAll(REFUSED_CLIENT.keySet());
    REFUSED_PRODUCER.keySet().forEach(name -> names.remove(PRODUCER_PREFIX + name));
    return names;
  }

  static PropertyVerdict check(String name, String value) {
    String allowed = OWN.get(name);
    if (allowed != null) {
      return fits(name, value)
          ? new PropertyVerdict.Accepted(false)
          : new PropertyVerdict.Refused("allowed is " + allowed);
    }
    return name.startsWith(PRODUCER_PREFIX)
        ? check(name.substring(PRODUCER_PREFIX.length()), value, PRODUCER, REFUSED_PRODUCER)
        : check(name, value, CLIENT, REFUSED_CLIENT);
  }

  private static PropertyVerdict check(
      String name, String value, Map<String, Class<?>> known, Map<String, String> refused) {
    String reason = refused.get(name);
    if (reason != null) {
      return new PropertyVerdict.Refused("it can't be set: " + reason);
    }
    Class<?> type = known.get(name);
    if (type == null) {
      return new PropertyVerdict.Unknown();
    }
    String problem = problem(type, value);
    return problem == null
        ? new PropertyVerdict.Accepted(SECRETS.contains(name))
        : new PropertyVerdict.Refused("allowed is " + problem);
  }

  private static @Nullable String problem(Class<?> type, String value) {
    if (type == boolean.class || type == Boolean.class) {
      return value.equals("true") || value.equals("false") ? null : "true or false";
    }
    if (type.isEnum()) {
      for (Object constant : type.getEnumConstants()) {
        if (constant.toString().equals(value)) {
          return null;
        }
      }
      return "one of " + Arrays.toString(type.getEnumConstants());
    }
    if (type == String.class) {
      return value.isEmpty() ? "a text that is not empty" : null;
    }
    return NUMBER.matcher(value).matches() ? null : "a number";
  }

  private static boolean fits(String name, String value) {
    return switch (name) {
      case TENANT, NAMESPACE -> NAME.matcher(value).matches();
      case ADMIN_URL -> isHttp(value);
      case TLS -> value.equals("true") || value.equals("false");
      case DEDUPLICATION -> value.equals(ENSURE) || value.equals(TRUST);
      case FAILOVER_TIME -> within(value, Duration.ofSeconds(1), Duration.ofHours(1));
      case CLOCK_SKEW -> within(value, Duration.ZERO, Duration.ofHours(1));
      case RETENTION_TIME ->
          value.equals(FOREVER) || within(value, Duration.ofMinutes(1), Duration.ofDays(36_500));
      case RETENTION_BYTES -> value.equals(FOREVER) || value.matches("\\d{1,18}");
      default -> {
        int number = value.matches("\\d{1,6}") ? Integer.parseInt(value) : 0;
        yield number >= 1 && number <= LARGEST_QUEUE;
      }
    };
  }

  private static boolean isHttp(String value) {
    try {
      URI uri = URI.create(value);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
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
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
    try {
      return Duration.parse(text.strip());
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Names of the native client's configuration. */
  static boolean isClient(String name) {
    return CLIENT.containsKey(name);
  }
}
