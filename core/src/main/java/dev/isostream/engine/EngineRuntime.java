package dev.isostream.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Time, timers, randomness and threads. The simulation has its own. Thread-safe. */
public interface EngineRuntime extends AutoCloseable {

  /** A monotonic clock, in nanoseconds from an arbitrary point. */
  long nanoTime();

  /** The wall clock; only to be shown or compared with timestamps, never to wait by. */
  Instant now();

  /** For jitter, ids and tie-breaking. Thread-safe. */
  RandomGenerator random();

  /** Where handlers run unless the application gives an executor. */
  Executor handlers();

  /**
   * Runs a task once, after this delay, on a thread of the runtime. The task must be short: it
   * posts an event and returns.
   */
  Timer schedule(Duration delay, Runnable task);

  /** Calls {@link Loop#turn} again and again, on a thread of its own, until it returns false. */
  void start(String name, Loop loop);

  /** Ends timers and threads that are idle. */
  @Override
  void close();

  /** Something that has one owner, which is whoever calls {@link #turn}. */
  interface Loop {

    /**
     * Does what there is to do, waiting for it at most this long where there is nothing.
     *
     * @param maxWaitNanos 0 or more; the simulation gives 0
     * @return whether to call again
     */
    boolean turn(long maxWaitNanos);
  }

  /** A task to come. */
  interface Timer {

    /** Makes sure that the task does not start any more, if it has not. */
    void cancel();
  }
}
