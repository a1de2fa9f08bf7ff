package dev.isostream.benchmarks.rounds;

import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.rounds.Contestant.SlowWork;
import java.util.Map;

/**
 * 20,000 messages of 1000 keys in one partition, with a handler that waits 1 ms. The plain client
 * does one after the other, of which a tenth is enough to know the rest.
 */
record SlowHandlerWorkload(Bench bench) implements Workload {

  private static final int MESSAGES = 20_000;
  private static final int RAW_SHARE = 10;
  private static final String TOPIC = "slow-handler";
  private static final SlowWork WORK = new SlowWork(1, 100);

  @Override
  public String name() {
    return "slow handler";
  }

  @Override
  public boolean rawOnce() {
    return true;
  }

  @Override
  public void prepare() {
    bench.fill(TOPIC, 1, new Load(MESSAGES, 100));
    bench.fill(TOPIC + "-tenth", 1, new Load(MESSAGES / RAW_SHARE, 100));
  }

  @Override
  public Map<String, Double> run(Contestant contestant, String round) {
    boolean raw = contestant.name().equals(Measurement.RAW);
    int share = raw ? RAW_SHARE : 1;
    String topic = raw ? TOPIC + "-tenth" : TOPIC;
    long nanos = contestant.consumeSlowly(topic, "group-" + round, MESSAGES / share, WORK);
    return Map.of("seconds", nanos * share / 1e9);
  }

  @Override
  public void cleanUp() {
    bench.delete(TOPIC);
    bench.delete(TOPIC + "-tenth");
  }
}
