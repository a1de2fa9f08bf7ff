package dev.isostream.benchmarks.kafka;

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

/** All that is measured on a Kafka. */
public final class KafkaRun {

  private static final int LINGER_MILLIS = 5;
  private static final String BROKER_JVM = "-Xms1g -Xmx1g";

  private KafkaRun() {}

  /**
   * What came out.
   *
   * @param about how it was measured
   */
  public record Result(List<Measurement> measured, Map<String, String> about) {}

  /** Runs them, on a broker that is started for it where no address is given. */
  public static Result run(Options options) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    options
        .address()
        .ifPresentOrElse(
            address -> settings.put("brokers.kafka.address", address),
            () -> {
              settings.put("brokers.mode", "local");
              settings.put("brokers.kafka.jvm", BROKER_JVM);
            });
    try (Brokers brokers = Brokers.of(settings)) {
      Broker broker = brokers.shared("kafka");
      try (Bench bench = new Bench(broker.address())) {
        return new Result(measure(options, bench), about(options, broker));
      }
    }
  }

  private static Map<String, String> about(Options options, Broker broker) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(
        "Broker",
        "Kafka " + broker.version() + " (" + broker.mode() + "), one node, on the same machine");
    about.put(
        "Producers",
        "acks=all, idempotence, linger.ms="
            + LINGER_MILLIS
            + ", batch.size=16384, no compression, on both sides");
    about.put(
        "Consumers",
        "raw: one thread, `commitSync` once per poll; Isostream: a handler, order by key, each"
            + " message acked by itself, until the acks are durable");
    about.put(
        "Rounds",
        rounds(options)
            + " each after "
            + warmUps(options)
            + " to warm up, in turn, the other one first each time; values are medians, ratios the"
            + " median of the rounds' ratios");
    return about;
  }

  private static int rounds(Options options) {
    return options.quick() ? 2 : 5;
  }

  private static int warmUps(Options options) {
    return options.quick() ? 1 : 2;
  }

  private static List<Measurement> measure(Options options, Bench bench) throws IOException {
    Clients clients = new Clients(bench.address(), LINGER_MILLIS);
    List<Measurement> measured = new ArrayList<>();
    try (RawKafka raw = new RawKafka(clients);
        Isostream isostream = new Isostream(clients)) {
      List<Contestant> contestants =
          List.of(raw, isostream).stream()
              .filter(c -> options.contestant().map(c.name()::equals).orElse(true))
              .map(Contestant.class::cast)
              .toList();
      Rounds rounds =
          new Rounds(contestants, warmUps(options), rounds(options), options.profiles());
      for (Workload workload : workloads(bench, options.quick())) {
        if (workload.name().startsWith(options.workload())) {
          measured.addAll(rounds.play(workload));
        }
      }
    }
    return measured;
  }

  private static List<Workload> workloads(Bench bench, boolean quick) {
    int part = quick ? 5 : 1;
    return List.of(
        new PublishWorkload(bench, 1024, new Load(250_000 / part, 1024)),
        new PublishWorkload(bench, 100, new Load(1_000_000 / part, 100)),
        new ConsumeWorkload(bench, 1024, new Load(500_000 / part, 1024)),
        new ConsumeWorkload(bench, 100, new Load(2_000_000 / part, 100)),
        new SlowHandlerWorkload(bench),
        new LatencyWorkload(bench, quick ? 6 : 20),
        new BacklogWorkload(bench, quick ? 500_000 : 5_000_000));
  }
}
