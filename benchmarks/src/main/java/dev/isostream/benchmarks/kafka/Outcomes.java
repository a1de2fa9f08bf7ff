package dev.isostream.benchmarks.kafka;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A number counts only when everything was done. */
final class Outcomes {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private Outcomes() {}

  static void requireAll(long wanted, long done, @Nullable Throwable failure) {
    if (done != wanted) {
      throw new IllegalStateException(done + " of " + wanted + " were done", failure);
    }
  }

  static void requireSome(long done) {
    if (done <= 0) {
      throw new IllegalStateException("nothing was done");
    }
  }

  static void requireNone(@Nullable Throwable failure) {
    if (failure != null) {
      throw new IllegalStateException("something failed on the way", failure);
    }
  }

  static void await(CountDownLatch latch, String what) {
    try {
      if (!latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("not within " + LIMIT.toSeconds() + " s: " + what);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting: " + what, e);
    }
  }
}
