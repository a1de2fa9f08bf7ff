package dev.isostream.benchmarks.rounds;

import java.util.Map;

/** Consumes what was there before as fast as it goes, from four partitions. */
record ConsumeWorkload(Bench bench, int payloadBytes, Load load) implements Workload {

  private static final int PARTITIONS = 4;

  @Override
  public String name() {
    return "consume " + payloadBytes + " B";
  }

  private String topic() {
    return "consume-" + payloadBytes;
  }

  @Override
  public void prepare() {
    bench.fill(topic(), PARTITIONS, load);
  }

  @Override
  public Map<String, Double> run(Contestant contestant, String round) {
    long nanos = contestant.consume(topic(), "group-" + round, load.messages());
    return Map.of("messages/s", load.messages() * 1e9 / nanos);
  }

  @Override
  public void cleanUp() {
    bench.delete(topic());
  }
}
