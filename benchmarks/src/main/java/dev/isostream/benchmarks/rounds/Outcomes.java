package dev.isostream.benchmarks.rounds;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A number counts only when everything was done. */
public final class Outcomes {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private Outcomes() {}

  /** Fails where not all were done. */
  public static void requireAll(long wanted, long done, @Nullable Throwable failure) {
    if (done != wanted) {
      throw new IllegalStateException(done + " of " + wanted + " were done", failure);
    }
  }

  /** Fails where nothing was done. */
  public static void requireSome(long done) {
    if (done <= 0) {
      throw new IllegalStateException("nothing was done");
    }
  }

  /** Fails where something failed. */
  public static void requireNone(@Nullable Throwable failure) {
    if (failure != null) {
      throw new IllegalStateException("something failed on the way", failure);
    }
  }

  /** Waits, for a minute at most. */
  public static void await(CountDownLatch latch, String what) {
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
