package dev.isostream.benchmarks.rounds;

import java.util.Map;

/** Publishes as fast as it goes, each send confirmed, to an empty topic of four partitions. */
record PublishWorkload(Bench bench, int payloadBytes, Load load) implements Workload {

  private static final int PARTITIONS = 4;

  @Override
  public String name() {
    return "publish " + payloadBytes + " B";
  }

  @Override
  public Map<String, Double> run(Contestant contestant, String round) {
    String topic = "publish-" + payloadBytes + "-" + round;
    bench.create(topic, PARTITIONS);
    long nanos = contestant.publish(topic, load);
    bench.delete(topic);
    return Map.of("messages/s", load.messages() * 1e9 / nanos);
  }
}
