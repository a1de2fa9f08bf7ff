package dev.isostream.engine.testing;

import dev.isostream.engine.EngineRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Time stands still until a test moves it; loops and timers run when a test says so. */
public final class ManualRuntime implements EngineRuntime {

  private final RandomGenerator random;
  private final PriorityQueue<Entry> timers =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::number));
  private final ArrayDeque<Loop> loops = new ArrayDeque<>();
  private volatile long now = 1_000_000;
  private long number;

  private record Entry(long at, long number, Runnable task) {}

  public ManualRuntime(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(now);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public Executor handlers() {
    return Runnable::run;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    Entry entry = new Entry(now + delay.toNanos(), number++, task);
    timers.add(entry);
    return () -> cancel(entry);
  }

  private synchronized void cancel(Entry entry) {
    timers.remove(entry);
  }

  @Override
  public synchronized void start(String name, Loop loop) {
    loops.add(loop);
  }

  /** The loop that was started first and not run yet; whoever takes it has to turn it. */
  public synchronized Loop takeStarted() {
    return loops.remove();
  }

  /** Runs what was started, until nothing is left. */
  public void settle() {
    for (Loop loop = takeLoop(); loop != null; loop = takeLoop()) {
      while (loop.turn(0)) {
        // All the work is in the turn.
      }
    }
  }

  private synchronized @Nullable Loop takeLoop() {
    return loops.poll();
  }

  /** Moves the clock, running what falls due on the way at its time. */
  public void advance(Duration by) {
    long end = now + by.toNanos();
    settle();
    for (Entry next = takeTimer(end); next != null; next = takeTimer(end)) {
      now = Math.max(now, next.at);
      next.task.run();
      settle();
    }
    now = end;
  }

  private synchronized @Nullable Entry takeTimer(long end) {
    Entry next = timers.peek();
    return next != null && next.at <= end ? timers.poll() : null;
  }

  @Override
  public void close() {}
}
