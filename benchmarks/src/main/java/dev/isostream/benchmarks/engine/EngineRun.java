package dev.isostream.benchmarks.engine;

import dev.isostream.benchmarks.report.Measurement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.profile.JavaFlightRecorderProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the JMH benchmarks and takes their numbers. */
public final class EngineRun {

  /** What it runs on. */
  public static final String BACKEND = "memory";

  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private EngineRun() {}

  /**
   * Runs them all.
   *
   * @param quick shorter than what their annotations say
   * @param profiles where to leave recordings
   */
  public static List<Measurement> run(boolean quick, Optional<Path> profiles)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(EngineRun.class.getPackageName().replace(".", "\\.") + "\\..*")
            .addProfiler(GCProfiler.class)
            .addProfiler(CpuProfiler.class)
            .shouldFailOnError(true);
    profiles.ifPresent(
        directory -> options.addProfiler(JavaFlightRecorderProfiler.class, "dir=" + directory));
    if (quick) {
      TimeValue time = TimeValue.seconds(2);
      options
          .forks(1)
          .warmupIterations(2)
          .warmupTime(time)
          .measurementIterations(3)
          .measurementTime(time);
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    List<Measurement> measured = new ArrayList<>();
    results.forEach(result -> add(measured, result));
    return measured;
  }

  private static void add(List<Measurement> measured, RunResult result) {
    double nanos = result.getPrimaryResult().getScore();
    String workload =
        switch (result.getPrimaryResult().getLabel()) {
          case "push" -> "consume, push";
          case "pushOnOneThread" -> "consume, one thread";
          case "pull" -> "consume, pull";
          default -> "publish";
        };
    measured.add(measurement(workload, "ns/message", nanos));
    measured.add(measurement(workload, "messages/s", 1e9 / nanos));
    measured.add(measurement(workload, "CPU ns/message", secondary(result, CpuProfiler.CPU)));
    measured.add(measurement(workload, "B/message", secondary(result, ALLOCATED)));
  }

  private static double secondary(RunResult result, String name) {
    for (String key : result.getSecondaryResults().keySet()) {
      if (key.endsWith(name)) {
        return result.getSecondaryResults().get(key).getScore();
      }
    }
    throw new IllegalStateException("JMH gave no " + name);
  }

  private static Measurement measurement(String workload, String metric, double value) {
    return new Measurement(BACKEND, workload, Measurement.ISOSTREAM, metric, value, 1);
  }
}
