package dev.isostream.benchmarks;

import dev.isostream.benchmarks.engine.EngineRun;
import dev.isostream.benchmarks.kinesis.KinesisRun;
import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.report.Reports;
import dev.isostream.benchmarks.rounds.Backends;
import dev.isostream.benchmarks.rounds.BrokerRun;
import java.io.IOException;
import java.time.Duration;
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
    long begin = System.nanoTime();
    List<Measurement> measured = new ArrayList<>();
    Map<String, String> about = new LinkedHashMap<>();
    about.put("Command", "`" + (COMMAND + " " + typed).strip() + "`");
    about.put("Machine", Machine.describe());
    if (options.parts().contains(Options.ENGINE)) {
      measured.addAll(EngineRun.run(options.quick(), options.profiles()));
    }
    if (options.parts().contains(Options.KINESIS)) {
      KinesisRun.Result result = kinesis(options.quick() ? 1 : 3);
      measured.addAll(result.measured());
      about.putAll(result.about());
    }
    for (String part : options.parts()) {
      if (!part.equals(Options.ENGINE) && !part.equals(Options.KINESIS)) {
        BrokerRun.Result result = BrokerRun.run(options, Backends.named(part));
        measured.addAll(result.measured());
        about.putAll(result.about());
      }
    }
    about.put("Run time", Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s in all");
    if (options.out().isPresent()) {
      Reports.write(options.out().get(), measured, about);
    }
    System.out.println("\n" + Reports.page(measured, about));
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
