package dev.isostream.core.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** All properties that the core knows; adapters know those under their own prefix. */
public final class CoreProperties {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final long MOST_BYTES = 64L << 30;

  /** The backend. */
  public static final Property<String> ADDRESS =
      text(
          "address",
          "[a-z][a-z0-9-]{0,31}://\\S*",
          "<backend>://<hosts>, as in kafka://host1:9092,host2:9092",
          null,
          "The backend and where it is.");

  /** The backend's name, with {@link #HOSTS} in place of {@link #ADDRESS}. */
  public static final Property<String> BACKEND =
      text(
          "backend",
          "[a-z][a-z0-9-]{0,31}",
          "the scheme of an address, as in kafka",
          null,
          "The backend's name; together with hosts it stands for address.");

  /** What follows {@code backend://} in an address. */
  public static final Property<String> HOSTS =
      text(
          "hosts",
          "\\S*",
          "what follows <backend>:// in an address, as in host1:9092,host2:9092",
          null,
          "Where the backend is; only together with backend.");

  /** Names the application to the broker. */
  public static final Property<String> CLIENT_ID =
      text(
          "client-id",
          "[A-Za-z0-9._-]{1,100}",
          "1 to 100 letters, digits, '.', '_' or '-'",
          "isostream",
          "Names the application to the broker, in its logs and metrics.");

  /** Bounds every question to the backend. */
  public static final Property<Duration> REQUEST_TIMEOUT =
      duration(
          "request-timeout",
          Duration.ofMillis(100),
          Duration.ofMinutes(10),
          "30s",
          "How long one question to the backend may take.");

  /** See {@link dev.isostream.ProducerBuilder#deliveryTimeout}. */
  public static final Property<Duration> DELIVERY_TIMEOUT =
      duration(
          "producer.delivery-timeout",
          SHORTEST,
          DAY,
          "2m",
          "How long a send may stay undecided, retries included.");

  /** See {@link dev.isostream.ProducerBuilder#maxBlock}. */
  public static final Property<Duration> MAX_BLOCK =
      duration(
          "producer.max-block",
          SHORTEST,
          DAY,
          "1m",
          "How long a send may wait for room in flight.");

  /** See {@link dev.isostream.ProducerBuilder#maxInFlightMessages}. */
  public static final Property<Integer> PRODUCER_MESSAGES =
      integer(
          "producer.max-in-flight-messages", 10_000_000, "100000", "The most messages in flight.");

  /** See {@link dev.isostream.ProducerBuilder#maxInFlightBytes}. */
  public static final Property<Long> PRODUCER_BYTES =
      bytes(
          "producer.max-in-flight-bytes",
          "32MiB",
          "The most bytes in flight, keys and headers included.");

  /** See {@link dev.isostream.SubscriptionBuilder#concurrency}. */
  public static final Property<Integer> CONCURRENCY =
      integer(
          "consumer.concurrency",
          10_000,
          "16",
          "The most deliveries being handled at once (push).");

  /** See {@link dev.isostream.MemberBuilder#maxInFlightMessages}. */
  public static final Property<Integer> CONSUMER_MESSAGES =
      integer(
          "consumer.max-in-flight-messages",
          1_000_000,
          "10000",
          "The most messages fetched and not yet settled.");

  /** See {@link dev.isostream.MemberBuilder#maxInFlightBytes}. */
  public static final Property<Long> CONSUMER_BYTES =
      bytes("consumer.max-in-flight-bytes", "64MiB", "The most bytes fetched and not yet settled.");

  /** See {@link dev.isostream.MemberBuilder#drainLimit}. */
  public static final Property<Duration> DRAIN_LIMIT =
      duration(
          "consumer.drain-limit",
          SHORTEST,
          Duration.ofHours(1),
          "30s",
          "How long running handlers may hold up a share that moves on.");

  /** See {@link dev.isostream.MemberBuilder#stuckAfter}. */
  public static final Property<Duration> STUCK_AFTER =
      duration(
          "consumer.stuck-after",
          SHORTEST,
          Duration.ofDays(7),
          "1m",
          "After how long an unsettled delivery is reported.");

  /** See {@link dev.isostream.Retry#maxAttempts(int)}. */
  public static final Property<OptionalInt> MAX_ATTEMPTS =
      new Property<>(
          "consumer.retry.max-attempts",
          new Attempts(1_000_000),
          Optional.of("5"),
          "How often a delivery is attempted, the first time included.");

  /** See {@link dev.isostream.Retry#exponential}. */
  public static final Property<Duration> FIRST_DELAY =
      duration(
          "consumer.retry.first-delay",
          Duration.ZERO,
          DAY,
          "200ms",
          "The wait after the first failed attempt; it doubles with each further one.");

  /** See {@link dev.isostream.Retry#exponential}. */
  public static final Property<Duration> MAX_DELAY =
      duration(
          "consumer.retry.max-delay",
          Duration.ZERO,
          DAY,
          "30s",
          "The longest wait between attempts; at least the first delay.");

  /** See {@link dev.isostream.Retry#jitter}. */
  public static final Property<Double> JITTER =
      new Property<>(
          "consumer.retry.jitter",
          new Range<>(0.0, 1.0, Double::valueOf, String::valueOf, ""),
          Optional.of("0.2"),
          "By up to what share of it each wait is lengthened at random.");

  /** All of them, in the order of the documentation. */
  public static final List<Property<?>> ALL =
      List.of(
          ADDRESS,
          BACKEND,
          HOSTS,
          CLIENT_ID,
          REQUEST_TIMEOUT,
          DELIVERY_TIMEOUT,
          MAX_BLOCK,
          PRODUCER_MESSAGES,
          PRODUCER_BYTES,
          CONCURRENCY,
          CONSUMER_MESSAGES,
          CONSUMER_BYTES,
          DRAIN_LIMIT,
          STUCK_AFTER,
          MAX_ATTEMPTS,
          FIRST_DELAY,
          MAX_DELAY,
          JITTER);

  private CoreProperties() {}

  private static Property<String> text(
      String name, String pattern, String allowed, @Nullable String defaultText, String meaning) {
    return new Property<>(
        name,
        new Text(Pattern.compile(pattern), allowed),
        Optional.ofNullable(defaultText),
        meaning);
  }

  private static Property<Duration> duration(
      String name, Duration min, Duration max, String defaultText, String meaning) {
    return new Property<>(name, Durations.range(min, max), Optional.of(defaultText), meaning);
  }

  private static Property<Integer> integer(
      String name, int max, String defaultText, String meaning) {
    return new Property<>(
        name,
        new Range<>(1, max, Integer::valueOf, String::valueOf, ""),
        Optional.of(defaultText),
        meaning);
  }

  private static Property<Long> bytes(String name, String defaultText, String meaning) {
    return new Property<>(name, ByteSizes.range(1, MOST_BYTES), Optional.of(defaultText), meaning);
  }
}
