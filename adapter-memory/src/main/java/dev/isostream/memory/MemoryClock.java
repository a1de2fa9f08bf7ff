package dev.isostream.memory;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The broker's own clock. It stands for the clock of another machine, so it is not the engine's.
 * Thread-safe.
 */
class MemoryClock {

  /** Monotonic, for sessions. */
  long nanoTime() {
    return System.nanoTime();
  }

  /** For timestamps; to the millisecond, as of most brokers. */
  Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }
}
