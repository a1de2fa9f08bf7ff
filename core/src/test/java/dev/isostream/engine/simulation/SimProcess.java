package dev.isostream.engine.simulation;

import dev.isostream.engine.EngineRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One simulated process: the runtime of the members and producers in it, which die together. Its
 * clock starts anywhere, so that clocks of two processes are never worth comparing.
 */
public final class SimProcess implements EngineRuntime {

  private static final long TURN_MIN = 20_000L;
  private static final long TURN_MAX = 100_000_000L;
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final SimWorld world;
  private final String name;
  private final Random random;
  private final long clockOffset;
  private final List<RunningLoop> loops = new ArrayList<>();
  private boolean dead;
  private long pausedUntil;

  public SimProcess(SimWorld world, String name) {
    this.world = world;
    this.name = name;
    this.random = new Random(world.random().nextLong());
    this.clockOffset = world.between(-1_000_000_000_000L, 1_000_000_000_000L);
  }

  /** One loop; turned more and more seldom while nothing happens in its process. */
  private final class RunningLoop {
    private final String loopName;
    private final Loop loop;
    private long interval = TURN_MIN;
    private SimWorld.@Nullable Event next;
    private long nextAt = Long.MAX_VALUE;

    RunningLoop(String loopName, Loop loop) {
      this.loopName = loopName;
      this.loop = loop;
    }

    void schedule(long delay) {
      if (next != null) {
        if (nextAt <= world.now() + delay) {
          return;
        }
        next.cancel();
      }
      nextAt = world.now() + delay;
      next = world.turn(SimProcess.this, delay, this::turn);
    }

    void turn() {
      next = null;
      if (loop.turn(0)) {
        interval = Math.min(TURN_MAX, interval * 2);
        schedule(interval + random.nextLong(interval));
      } else {
        world.trace("%s: loop %s ended", name, loopName);
        loops.remove(this);
      }
    }
  }

  public String name() {
    return name;
  }

  public SimWorld world() {
    return world;
  }

  /** Ends it as SIGKILL does: nothing of it ever happens again. */
  public void kill() {
    dead = true;
    loops.clear();
  }

  public boolean isDead() {
    return dead;
  }

  /** Stops it for so long as a long collection or a suspended machine does. */
  public void pauseFor(long nanos) {
    pausedUntil = Math.max(pausedUntil, world.now() + nanos);
  }

  public boolean isPaused() {
    return pausedUntil > world.now();
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** Something happened in it: its loops may have mail. */
  public void nudge() {
    if (dead) {
      return;
    }
    for (RunningLoop loop : List.copyOf(loops)) {
      if (loop.interval > TURN_MIN || loop.next == null) {
        loop.interval = TURN_MIN;
        loop.schedule(random.nextLong(TURN_MIN));
      }
    }
  }

  @Override
  public long nanoTime() {
    return world.now() + clockOffset;
  }

  @Override
  public Instant now() {
    return EPOCH.plusNanos(world.now());
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public Executor handlers() {
    return task -> world.after(this, random.nextLong(TURN_MIN), task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    SimWorld.Event event = world.after(this, delay.toNanos(), task);
    return event::cancel;
  }

  @Override
  public void start(String loopName, Loop loop) {
    RunningLoop running = new RunningLoop(loopName, loop);
    loops.add(running);
    running.schedule(random.nextLong(TURN_MIN));
  }

  @Override
  public void close() {
    loops.clear();
  }
}
