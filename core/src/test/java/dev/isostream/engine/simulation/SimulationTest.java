package dev.isostream.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs the simulation.
 *
 * <p>{@code -Dsimulation.seeds=N} for N seeds of each shape, {@code -Dsimulation.from=S} for those
 * from S on, {@code -Dsimulation.seed=S} for one, with a trace where it fails.
 */
class SimulationTest {

  private static final Logger ENGINE = Logger.getLogger("dev.isostream");
  private static final int TOLD_MAX = 5;
  private static final int TRACE_MAX = 200_000;
  private static @Nullable Level levelBefore;

  @BeforeAll
  static void quiet() {
    // What goes wrong here goes wrong on purpose.
    levelBefore = ENGINE.getLevel();
    ENGINE.setLevel(Level.OFF);
  }

  @AfterAll
  static void loud() {
    ENGINE.setLevel(levelBefore);
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(36_000)
  void everythingHoldsUnderFaults(Shape.Kind kind) throws Exception {
    Long one = Long.getLong("simulation.seed");
    long from = one != null ? one : Long.getLong("simulation.from", 1L);
    long count = one != null ? 1 : Long.getLong("simulation.seeds", 300L);
    List<String> failures = new ArrayList<>();
    AtomicLong next = new AtomicLong(from);
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<String>>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        parts.add(executor.submit(() -> run(kind, next, from + count)));
      }
      for (Future<List<String>> part : parts) {
        failures.addAll(part.get());
      }
    } catch (ExecutionException e) {
      throw new AssertionError("The simulation itself failed", e.getCause());
    } finally {
      executor.shutdownNow();
    }
    if (!failures.isEmpty()) {
      String trace = one == null ? "" : trace(kind, one);
      fail(
          "%d of %d seeds failed:%n%s%n%s",
          failures.size(),
          count,
          String.join("\n", failures.subList(0, Math.min(TOLD_MAX, failures.size()))),
          trace);
    }
  }

  private static List<String> run(Shape.Kind kind, AtomicLong next, long end) {
    List<String> failures = new ArrayList<>();
    for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
      List<String> found = new Simulation(seed, kind, new Breakage(), false).run();
      if (!found.isEmpty()) {
        failures.add(
            "seed %d, %s: %s%n  again: ./mvnw -pl core -am test -Dtest=SimulationTest"
                    .formatted(seed, kind, found.subList(0, Math.min(TOLD_MAX, found.size())))
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed="
                + seed);
      }
    }
    return failures;
  }

  private static String trace(Shape.Kind kind, long seed) {
    Simulation again = new Simulation(seed, kind, new Breakage(), true);
    again.run();
    String trace = again.world.traced();
    return trace.substring(Math.max(0, trace.length() - TRACE_MAX));
  }

  @Test
  void theSameSeedIsTheSameRun() {
    for (Shape.Kind kind : Shape.Kind.values()) {
      Simulation first = new Simulation(11, kind, new Breakage(), false);
      Simulation second = new Simulation(11, kind, new Breakage(), true);
      first.run();
      second.run();
      assertThat(second.world.fingerprint()).as("%s", kind).isEqualTo(first.world.fingerprint());
    }
  }
}
