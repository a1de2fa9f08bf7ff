package dev.isostream.benchmarks.rounds;

import dev.isostream.conformance.brokers.ChildJvm;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a consuming process holds on to while it works through a backlog: the largest heap after a
 * collection, of a JVM that has little, beside that with a small backlog.
 */
record BacklogWorkload(Bench bench, int large) implements Workload {

  private static final int SMALL = 50_000;
  private static final int DRAINED = 500_000;
  private static final int PARTITIONS = 4;
  private static final int PAYLOAD_BYTES = 100;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Override
  public String name() {
    return "backlog";
  }

  @Override
  public int rounds(int usual) {
    return 1;
  }

  @Override
  public int warmUps(int usual) {
    return 0;
  }

  @Override
  public void prepare() {
    bench.fill("backlog-large", PARTITIONS, new Load(large, PAYLOAD_BYTES));
    bench.fill("backlog-small", PARTITIONS, new Load(SMALL, PAYLOAD_BYTES));
  }

  @Override
  public Map<String, Double> run(Contestant contestant, String round) {
    double ofSmall = peakMegabytes(contestant, "backlog-small", SMALL, round);
    double ofLarge = peakMegabytes(contestant, "backlog-large", DRAINED, round);
    Map<String, Double> values = new TreeMap<>();
    values.put("retained MB, " + large + " messages behind", ofLarge);
    values.put("retained MB, " + SMALL + " messages behind", ofSmall);
    values.put("heap of the large to the small backlog", ofLarge / ofSmall);
    return values;
  }

  private double peakMegabytes(Contestant contestant, String topic, int drained, String round) {
    try (ChildJvm child =
        ChildJvm.of(BacklogMain.class)
            .jvmArguments("-Xmx" + BacklogMain.HEAP_MEGABYTES + "m")
            .arguments(
                bench.backend().name(),
                contestant.name(),
                bench.address(),
                topic,
                "group-" + round,
                Integer.toString(drained))
            .start()) {
      return Double.parseDouble(child.await(BacklogMain.PEAK, LIMIT));
    }
  }

  @Override
  public void cleanUp() {
    bench.delete("backlog-large");
    bench.delete("backlog-small");
  }
}
