package dev.isostream.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a number is meant to be.
 *
 * @param ofRatio whether the ratio to the plain client is meant, not the value
 * @param atLeast whether more is better
 */
public record Aim(
    String backend,
    String workload,
    String metric,
    boolean ofRatio,
    boolean atLeast,
    double bound) {

  /** All of them. */
  public static final List<Aim> ALL =
      List.of(
          ratioAtLeast("kafka", "publish 1024 B", 0.95),
          ratioAtLeast("kafka", "publish 100 B", 0.90),
          ratioAtLeast("kafka", "consume 1024 B", 0.90),
          ratioAtLeast("kafka", "consume 100 B", 0.80),
          new Aim("kafka", "slow handler", "seconds", false, false, 0.5),
          new Aim("kafka", "latency", "p99 ms", true, false, 1.2),
          new Aim("kafka", "backlog", "heap of the large to the small backlog", false, false, 1.1),
          ratioAtLeast("redis", "publish 1024 B", 0.90),
          ratioAtLeast("redis", "consume 1024 B", 0.85),
          new Aim("redis", "slow handler", "seconds", false, false, 0.5),
          new Aim("kinesis", "publish 10,000 of 100 B", "records billed", true, false, 0.1),
          new Aim("kinesis", "publish 10,000 of 100 B", "ms", true, false, 1),
          new Aim("kinesis", "slow handler", "seconds", false, false, 2),
          new Aim("memory", "consume, one thread", "ns/message", false, false, 300),
          new Aim("memory", "consume, push", "B/message", false, false, 200),
          new Aim("memory", "consume, push", "messages/s", false, true, 2_000_000));

  private static Aim ratioAtLeast(String backend, String workload, double bound) {
    return new Aim(backend, workload, "messages/s", true, true, bound);
  }

  /** The aim for a number, where there is one. */
  static Optional<Aim> of(Measurement measured) {
    return measured.contestant().equals(Measurement.RAW)
        ? Optional.empty()
        : ALL.stream().filter(aim -> aim.isFor(measured)).findFirst();
  }

  private boolean isFor(Measurement measured) {
    return backend.equals(measured.backend())
        && workload.equals(measured.workload())
        && metric.equals(measured.metric());
  }

  private double judged(Measurement measured) {
    return ofRatio ? measured.ratioToRaw() : measured.value();
  }

  boolean isMet(Measurement measured) {
    double value = judged(measured);
    return atLeast ? value >= bound : value <= bound;
  }

  /** By how much it is met or missed. */
  String verdict(Measurement measured) {
    double off = Math.abs(judged(measured) / bound - 1) * 100;
    return isMet(measured)
        ? "met"
        : String.format(Locale.ROOT, "**missed** by %.0f %%", Math.max(1, off));
  }

  @Override
  public String toString() {
    return (atLeast ? "≥ " : "≤ ") + Numbers.text(bound) + (ofRatio ? " × raw" : "");
  }
}
