package dev.isostream.benchmarks.engine;

import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for so many messages and costs each of them next to nothing: handlers count in cells of
 * their own and wake nobody; who waits looks now and then.
 */
final class Countdown {

  private static final long LOOK_EVERY_NANOS = 200_000L;

  private final LongAdder handled = new LongAdder();
  private final long messages;

  Countdown(long messages) {
    this.messages = messages;
  }

  /** One more. */
  void handled() {
    handled.increment();
  }

  /** Waits for the last one. */
  void await() {
    while (handled.sum() < messages) {
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }
}
