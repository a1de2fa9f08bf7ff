package dev.isostream.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long the engine waits before it asks a backend again: 50 ms, twice as long each time, at most
 * 1 s, each lengthened at random by up to a fifth. Stateless.
 *
 * <p>The bound is well below every declared reconnect time (contract F5).
 */
public final class Backoff {

  private static final long FIRST_MILLIS = 50;
  private static final long MAX_MILLIS = 1000;
  private static final int MAX_DOUBLINGS = 10;
  private static final double JITTER = 0.2;

  private Backoff() {}

  /**
   * The wait after so many failures in a row.
   *
   * @param failures 1 or more
   */
  public static Duration after(int failures, RandomGenerator random) {
    long grown = FIRST_MILLIS << Math.min(failures - 1, MAX_DOUBLINGS);
    double millis = Math.min(grown, MAX_MILLIS) * (1 + JITTER * random.nextDouble());
    return Duration.ofNanos((long) (millis * 1_000_000));
  }
}
