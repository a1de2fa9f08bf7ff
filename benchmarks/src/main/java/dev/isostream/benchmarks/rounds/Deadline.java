package dev.isostream.benchmarks.rounds;

import java.time.Duration;

/** Gives up when nothing comes any more. */
public final class Deadline {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private long seen = -1;
  private long sinceNanos = System.nanoTime();

  /** Fails where the number has not changed for long. */
  public void check(long now, long wanted) {
    if (now != seen) {
      seen = now;
      sinceNanos = System.nanoTime();
    } else if (System.nanoTime() - sinceNanos > PATIENCE.toNanos()) {
      throw new IllegalStateException(
          "stuck at " + now + " of " + wanted + " for " + PATIENCE.toSeconds() + " s");
    }
  }
}
