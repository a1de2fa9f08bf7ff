package dev.isostream.benchmarks;

import dev.isostream.benchmarks.engine.EngineRun;
import dev.isostream.benchmarks.kinesis.KinesisRun;
import dev.isostream.benchmarks.report.Part;
import dev.isostream.benchmarks.report.Reports;
import dev.isostream.benchmarks.rounds.Backends;
import dev.isostream.benchmarks.rounds.BrokerRun;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** Runs all benchmarks, or some, and reports. See {@link Options}. */
public final class Benchmarks {

  private static final String COMMAND = "./benchmarks/run";

  private Benchmarks() {}

  /** See {@link Options#USAGE}. */
  public static void main(String[] arguments) throws IOException, RunnerException {
    Options options;
    try {
      options = Options.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.USAGE);
      System.exit(64);
      return;
    }
    run(options, String.join(" ", arguments));
  }

  private static void run(Options options, String typed) throws IOException, RunnerException {
    List<Part> parts = new ArrayList<>();
    for (String name : options.parts()) {
      long begin = System.nanoTime();
      Part part = run(name, options);
      Map<String, String> about = new LinkedHashMap<>(part.about());
      about.put("Run", "`" + (COMMAND + " " + typed).strip() + "`");
      about.put("On", Machine.describe() + ", " + LocalDate.now(ZoneOffset.UTC));
      about.put("Time", Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s");
      parts.add(new Part(part.backend(), part.measured(), about));
    }
    if (options.out().isPresent()) {
      Reports.write(options.out().get(), parts);
    }
    System.out.println("\n" + Reports.page(parts));
  }

  private static Part run(String name, Options options) throws IOException, RunnerException {
    if (name.equals(Options.ENGINE)) {
      return new Part(
          EngineRun.BACKEND, EngineRun.run(options.quick(), options.profiles()), Map.of());
    }
    if (name.equals(Options.KINESIS)) {
      KinesisRun.Result result = kinesis(options.quick() ? 1 : 3);
      return new Part(name, result.measured(), result.about());
    }
    BrokerRun.Result result = BrokerRun.run(options, Backends.named(name));
    return new Part(name, result.measured(), result.about());
  }

  private static KinesisRun.Result kinesis(int rounds) {
    try {
      return KinesisRun.run(rounds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
