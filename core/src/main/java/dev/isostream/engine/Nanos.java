package dev.isostream.engine;

import java.time.Duration;

/** Durations as nanoseconds that can be added to a clock without overflow. Stateless. */
public final class Nanos {

  /** Some 73 years: for ever, as far as a process is concerned. */
  private static final long MAX = Long.MAX_VALUE / 4;

  private Nanos() {}

  /** The duration, at least 0 and at most some 73 years. */
  public static long of(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return duration.toSeconds() >= MAX / 1_000_000_000 ? MAX : duration.toNanos();
  }
}
