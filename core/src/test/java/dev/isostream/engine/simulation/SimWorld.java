package dev.isostream.engine.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Simulated time and the one queue of everything that is going to happen. What happens at the same
 * time happens in an order that the seed decides. Confined to one thread.
 */
public final class SimWorld {

  private static final Comparator<Event> ORDER =
      Comparator.comparingLong((Event e) -> e.at)
          .thenComparingInt(e -> e.tieBreak)
          .thenComparingLong(e -> e.number);

  private final PriorityQueue<Event> events = new PriorityQueue<>(ORDER);
  private final Random random;
  private final StringBuilder trace = new StringBuilder();
  private final boolean tracing;
  private long now;
  private long numbers;
  private long hash;

  public SimWorld(long seed) {
    this(seed, false);
  }

  /** With a trace of what happens, for people. */
  public SimWorld(long seed, boolean tracing) {
    this.random = new Random(seed * 0x9E3779B97F4A7C15L + 17);
    this.tracing = tracing;
  }

  /** Something to come. */
  public static final class Event {
    private final @Nullable SimProcess process;
    private final Runnable task;
    private final int tieBreak;
    private final long number;
    private final boolean nudges;
    private long at;
    private boolean cancelled;

    private Event(
        @Nullable SimProcess process,
        Runnable task,
        boolean nudges,
        int tieBreak,
        long number,
        long at) {
      this.nudges = nudges;
      this.process = process;
      this.task = task;
      this.tieBreak = tieBreak;
      this.number = number;
      this.at = at;
    }

    void cancel() {
      cancelled = true;
    }
  }

  /** The only source of chance. */
  public Random random() {
    return random;
  }

  /** Whether something of this probability happens now. */
  public boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** A number from one (inclusive) to another (inclusive). */
  public long between(long from, long to) {
    return from + (long) (random.nextDouble() * (to - from + 1));
  }

  /** Nanoseconds since the beginning. */
  public long now() {
    return now;
  }

  /**
   * Lets something happen after a while.
   *
   * @param process in which; it does not happen if that is dead by then. Null for none.
   */
  public Event after(@Nullable SimProcess process, long delayNanos, Runnable task) {
    return add(process, delayNanos, task, true);
  }

  /** The next turn of a loop: no reason for the process's loops to look for mail. */
  Event turn(SimProcess process, long delayNanos, Runnable turn) {
    return add(process, delayNanos, turn, false);
  }

  private Event add(@Nullable SimProcess process, long delayNanos, Runnable task, boolean nudges) {
    long at = now + Math.max(0, delayNanos);
    Event event = new Event(process, task, nudges, random.nextInt(), numbers++, at);
    events.add(event);
    return event;
  }

  /**
   * Lets the next thing happen.
   *
   * @return false where nothing is to come
   */
  public boolean step() {
    while (true) {
      Event next = events.poll();
      if (next == null) {
        return false;
      }
      SimProcess process = next.process;
      if (next.cancelled || (process != null && process.isDead())) {
        continue;
      }
      if (process != null && process.pausedUntil() > next.at) {
        next.at = process.pausedUntil();
        events.add(next);
        continue;
      }
      now = Math.max(now, next.at);
      hash = hash * 31 + next.at + next.tieBreak;
      next.task.run();
      if (process != null && next.nudges) {
        process.nudge();
      }
      return true;
    }
  }

  /** Goes on until something holds, or so much time has passed; says whether it holds. */
  public boolean runUntil(BooleanSupplier condition, long withinNanos) {
    long end = now + withinNanos;
    while (!condition.getAsBoolean()) {
      Event next = events.peek();
      if (next == null || next.at > end) {
        now = end;
        return condition.getAsBoolean();
      }
      step();
    }
    return true;
  }

  /** Goes on for so long. */
  public void runFor(long nanos) {
    runUntil(() -> false, nanos);
  }

  /** Tells two runs apart. */
  public long fingerprint() {
    return hash;
  }

  /** Writes down what happens, when it is asked for. */
  @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more dependency
  public void trace(String format, @Nullable Object... args) {
    if (tracing) {
      trace
          .append(String.format("%12.6f ", now / 1e9))
          .append(String.format(format, args))
          .append('\n');
    }
  }

  public boolean isTracing() {
    return tracing;
  }

  public String traced() {
    return trace.toString();
  }
}
