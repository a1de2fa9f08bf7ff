package dev.isostream;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How often a failed delivery is tried again, and how long it waits. Immutable.
 *
 * <p>Retrying for ever is possible, but only when asked for by {@link #forever()}.
 */
public final class Retry {

  /** Attempts where nothing else is said, the first one included. */
  public static final int DEFAULT_MAX_ATTEMPTS = 5;

  /** What a clock in nanoseconds can count. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private static final int UNBOUNDED = 0;

  private final Duration firstDelay;
  private final Duration maxDelay;
  private final double factor;
  private final double jitter;
  private final int maxAttempts;

  private Retry(
      Duration firstDelay, Duration maxDelay, double factor, double jitter, int maxAttempts) {
    this.firstDelay = firstDelay;
    this.maxDelay = maxDelay;
    this.factor = factor;
    this.jitter = jitter;
    this.maxAttempts = maxAttempts;
  }

  /**
   * Waits this long at first, twice as long each time, at most {@code maxDelay}; each wait is
   * lengthened at random by up to a fifth. 5 attempts.
   *
   * <p>Fails: {@link InvalidRequestException} for a wait that is negative or longer than 292 years.
   */
  public static Retry exponential(Duration firstDelay, Duration maxDelay) {
    check("firstDelay", firstDelay);
    check("maxDelay", maxDelay);
    if (maxDelay.compareTo(firstDelay) < 0) {
      throw new InvalidRequestException(
          "maxDelay must be at least firstDelay (" + firstDelay + "), was " + maxDelay + ".");
    }
    return new Retry(firstDelay, maxDelay, 2.0, 0.2, DEFAULT_MAX_ATTEMPTS);
  }

  /** Waits this long each time; no jitter. 5 attempts. Fails: as {@link #exponential}. */
  public static Retry fixed(Duration delay) {
    check("delay", delay);
    return new Retry(delay, delay, 1.0, 0.0, DEFAULT_MAX_ATTEMPTS);
  }

  /** One attempt. */
  public static Retry none() {
    return new Retry(Duration.ZERO, Duration.ZERO, 1.0, 0.0, 1);
  }

  /** With so many attempts, the first one included; 1 or more. */
  public Retry maxAttempts(int attempts) {
    if (attempts < 1) {
      throw new InvalidRequestException(
          "maxAttempts must be 1 or more, was " + attempts + "; see forever().");
    }
    return new Retry(firstDelay, maxDelay, factor, jitter, attempts);
  }

  /** Without a bound: the message holds up its key until it succeeds. */
  public Retry forever() {
    return new Retry(firstDelay, maxDelay, factor, jitter, UNBOUNDED);
  }

  /** With each wait lengthened at random by up to this share of it, 0.0 to 1.0. */
  public Retry jitter(double share) {
    if (!(share >= 0.0 && share <= 1.0)) {
      throw new InvalidRequestException("jitter must be 0.0 to 1.0, was " + share + ".");
    }
    return new Retry(firstDelay, maxDelay, factor, share, maxAttempts);
  }

  /** The bound on attempts, the first one included; empty for {@link #forever()}. */
  public OptionalInt maxAttempts() {
    return maxAttempts == UNBOUNDED ? OptionalInt.empty() : OptionalInt.of(maxAttempts);
  }

  /**
   * The wait after this many failed attempts.
   *
   * @param failures 1 or more
   * @param random 0.0 (inclusive) to 1.0 (exclusive)
   */
  public Duration delayAfter(int failures, double random) {
    double grown = (double) firstDelay.toNanos() * Math.pow(factor, Math.min(failures, 63) - 1.0);
    double capped = Math.min(grown, (double) maxDelay.toNanos());
    return Duration.ofNanos((long) (capped * (1.0 + jitter * random)));
  }

  private static void check(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative()) {
      throw new InvalidRequestException(name + " must not be negative, was " + value + ".");
    }
    if (value.compareTo(LONGEST) > 0) {
      throw new InvalidRequestException(
          name + " must not be longer than 292 years, was " + value + "; see forever().");
    }
  }

  @Override
  public String toString() {
    String attempts = maxAttempts == UNBOUNDED ? "forever" : maxAttempts + " attempts";
    return "Retry[" + attempts + ", " + firstDelay + " to " + maxDelay + ", x" + factor + "]";
  }
}
