package dev.isostream.core;

import dev.isostream.engine.EngineRuntime;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The runtime of a real process: the system's clocks, one thread per loop, one for timers, all of
 * them daemons whose names start with {@code isostream-}.
 *
 * <p>Threads: thread-safe.
 */
public final class SystemRuntime implements EngineRuntime {

  private static final Logger LOG = System.getLogger(SystemRuntime.class.getName());
  private static final Duration LOOP_WAIT = Duration.ofMillis(500);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
  private static final Timer NO_TIMER = () -> {};

  private final RandomGenerator random = new SecureRandom();
  private final ScheduledThreadPoolExecutor timers;
  private final Executor handlers;
  private final @Nullable ExecutorService ownHandlers;
  private final ExecutorService blocking = ThreadPerTask.create("isostream-blocking-");
  private final Set<Thread> loops = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Thread timerThread;
  private volatile boolean closed;

  /** With handlers on virtual threads where the JVM has them, else on a pool that grows. */
  public SystemRuntime() {
    this(null);
  }

  /**
   * With handlers on this executor, which stays its giver's to close.
   *
   * @param handlers null for the default
   */
  public SystemRuntime(@Nullable Executor handlers) {
    this.ownHandlers = handlers == null ? ThreadPerTask.create("isostream-handler-") : null;
    this.handlers = handlers == null ? Objects.requireNonNull(ownHandlers) : handlers;
    this.timers = new ScheduledThreadPoolExecutor(1, this::newTimerThread);
    this.timers.setRemoveOnCancelPolicy(true);
    this.timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public Executor handlers() {
    return handlers;
  }

  /** Where drivers run calls that block: a thread for each, virtual where the JVM has them. */
  Executor blocking() {
    return blocking;
  }

  /**
   * {@inheritDoc}
   *
   * <p>After close the task never runs: whoever still asks is on its way out.
   */
  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Objects.requireNonNull(task, "task");
    long nanos = Math.max(0, nanosOf(delay));
    try {
      var future = timers.schedule(() -> runTimer(task), nanos, TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "A timer was asked for after close; it will not fire.");
      return NO_TIMER;
    }
  }

  private static long nanosOf(Duration delay) {
    try {
      return delay.toNanos();
    } catch (ArithmeticException e) {
      return delay.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  private Thread newTimerThread(Runnable work) {
    Thread thread = new Thread(work, "isostream-timer");
    thread.setDaemon(true);
    timerThread = thread;
    return thread;
  }

  private static void runTimer(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "A timer's task failed.", e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Fails: {@link IllegalStateException} after close.
   */
  @Override
  public void start(String name, Loop loop) {
    Objects.requireNonNull(loop, "loop");
    Thread thread = new Thread(() -> run(name, loop), "isostream-" + name);
    thread.setDaemon(true);
    loops.add(thread);
    if (closed) {
      loops.remove(thread);
      throw new IllegalStateException("The runtime is closed; \"" + name + "\" can't be started.");
    }
    thread.start();
  }

  private void run(String name, Loop loop) {
    try {
      while (loop.turn(LOOP_WAIT.toNanos())) {
        // All the work is in the turn.
      }
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "The loop \"" + name + "\" ended with a failure that it let out.", e);
    } finally {
      loops.remove(Thread.currentThread());
    }
  }

  /**
   * Ends timers at once and idle threads; waits a while for loops, which end because what runs in
   * them was closed before. A handler that still runs is left to finish. Harmless when repeated,
   * from any thread, also one of this runtime's own.
   */
  @Override
  public void close() {
    closed = true;
    awaitLoops();
    timers.shutdownNow();
    blocking.shutdown();
    if (ownHandlers != null) {
      ownHandlers.shutdown();
    }
  }

  /** Whether the current thread runs a loop or a timer of this runtime. */
  boolean isOwnThread() {
    return loops.contains(Thread.currentThread()) || timerThread == Thread.currentThread();
  }

  private void awaitLoops() {
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    for (Thread thread : Set.copyOf(loops)) {
      if (thread == Thread.currentThread()) {
        continue;
      }
      try {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        thread.join(Math.max(1, left));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (thread.isAlive()) {
        LOG.log(
            Level.WARNING,
            "The thread {0} has not ended {1} after everything was closed; it is interrupted.",
            thread.getName(),
            CLOSE_LIMIT);
        thread.interrupt();
      }
    }
  }
}
