package dev.isostream.benchmarks.rounds;

import dev.isostream.benchmarks.Options;
import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that is measured on a real broker. */
public final class BrokerRun {

  private static final int LINGER_MILLIS = 5;

  private BrokerRun() {}

  /**
   * What came out.
   *
   * @param about how it was measured
   */
  public record Result(List<Measurement> measured, Map<String, String> about) {}

  /** Runs them, on a broker that is started for it where no address is given. */
  public static Result run(Options options, Backend backend) throws IOException {
    String name = backend.name();
    Map<String, String> settings = new TreeMap<>();
    options
        .address()
        .ifPresentOrElse(
            address -> settings.put("brokers." + name + ".address", address),
            () -> {
              settings.put("brokers.mode", "local");
              settings.putAll(backend.brokerSettings());
            });
    try (Brokers brokers = Brokers.of(settings)) {
      Broker broker = brokers.shared(name);
      Clients clients = new Clients(broker.address(), LINGER_MILLIS);
      try (Bench bench = new Bench(backend, broker.address(), broker.properties())) {
        return new Result(measure(options, bench, clients), about(options, bench, broker, clients));
      }
    }
  }

  private static Map<String, String> about(
      Options options, Bench bench, Broker broker, Clients clients) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(
        "Broker", broker.version() + " (" + broker.mode() + "), one node, on the same machine");
    about.putAll(bench.backend().about(clients));
    about.put(
        "Rounds",
        rounds(options)
            + " each after "
            + warmUps(options)
            + " to warm up, in turn, another one first each time; values are medians, ratios the"
            + " median of the rounds' ratios");
    return about;
  }

  private static int rounds(Options options) {
    return options.quick() ? 2 : 5;
  }

  private static int warmUps(Options options) {
    return options.quick() ? 1 : 3;
  }

  private static List<Measurement> measure(Options options, Bench bench, Clients clients)
      throws IOException {
    List<Contestant> all = Backends.contestants(bench.backend(), clients);
    try {
      List<Contestant> chosen =
          all.stream()
              .filter(c -> options.contestant().map(c.name()::equals).orElse(true))
              .toList();
      if (chosen.isEmpty()) {
        throw new IllegalArgumentException(
            "Nobody is called "
                + options.contestant().orElse("")
                + "; there are "
                + all.stream().map(Contestant::name).toList());
      }
      Rounds rounds =
          new Rounds(
              bench.backend().name(),
              chosen,
              warmUps(options),
              rounds(options),
              options.profiles());
      List<Measurement> measured = new ArrayList<>();
      for (Workload workload : workloads(bench, options.quick())) {
        if (workload.name().startsWith(options.workload())) {
          measured.addAll(rounds.play(workload));
        }
      }
      return measured;
    } finally {
      all.forEach(Contestant::close);
    }
  }

  private static List<Workload> workloads(Bench bench, boolean quick) {
    int part = quick ? 5 : 1;
    return List.of(
        new PublishWorkload(bench, 1024, new Load(750_000 / part, 1024)),
        new PublishWorkload(bench, 100, new Load(3_000_000 / part, 100)),
        new ConsumeWorkload(bench, 1024, new Load(500_000 / part, 1024)),
        new ConsumeWorkload(bench, 100, new Load(2_000_000 / part, 100)),
        new SlowHandlerWorkload(bench),
        new LatencyWorkload(bench, quick ? 6 : 20),
        new BacklogWorkload(bench, quick ? 500_000 : 5_000_000));
  }
}
