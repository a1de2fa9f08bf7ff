package dev.isostream.engine.errors;

import dev.isostream.engine.EngineRuntime;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps what fails again and again from flooding those who are told: the first failure is told at
 * once, and the first of each class; the rest once in a while, with how many there were; and once
 * that it works again. Confined to whoever tries.
 */
public final class Outage {

  /** A failure is told again after so long at the earliest. */
  public static final Duration TOLD_EVERY = Duration.ofSeconds(5);

  private static final long QUIET_NANOS = TOLD_EVERY.toNanos();

  private final EngineRuntime runtime;
  private final Set<Class<?>> classes = new HashSet<>();
  private boolean told;
  private boolean everTold;
  private long toldNanos;
  private long firstNanos;
  private long lastNanos;
  private int failures;
  private int untold;

  public Outage(EngineRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * It failed.
   *
   * @return of how many failures to tell now, this one included; 0 for none
   */
  public int failed(Throwable failure) {
    long now = runtime.nanoTime();
    if (failures == 0) {
      firstNanos = now;
    }
    lastNanos = now;
    failures++;
    untold++;
    if (!everTold || now - toldNanos >= QUIET_NANOS) {
      classes.clear();
      toldNanos = now;
    }
    everTold = true;
    if (!classes.add(failure.getClass())) {
      return 0;
    }
    told = true;
    int count = untold;
    untold = 0;
    return count;
  }

  /**
   * It worked.
   *
   * @param calm for how long it must not have failed: zero where a success shows that the outage is
   *     over
   * @return for how many failures to tell now that it works again; 0 for not at all
   */
  public int worked(Duration calm) {
    if (!told || runtime.nanoTime() - lastNanos < calm.toNanos()) {
      return 0;
    }
    told = false;
    int count = failures;
    failures = 0;
    untold = 0;
    return count;
  }

  /** From the first failure to the last. */
  public Duration length() {
    return Duration.ofNanos(lastNanos - firstNanos);
  }

  /** How a failure is said that stands for so many. */
  public static String times(int count) {
    return count == 1 ? "" : " (" + count + " failures since this was told last)";
  }
}
