package dev.isostream.benchmarks.rounds;

import dev.isostream.benchmarks.report.Numbers;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * 1,000 messages a second, each on its way from the moment at which it should have been sent to the
 * handler that gets it; the first quarter is left out.
 */
record LatencyWorkload(Bench bench, int seconds) implements Workload {

  private static final int RATE = 1000;
  private static final int PAYLOAD_BYTES = 100;
  private static final long GAP_NANOS = 1_000_000_000L / RATE;

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public int warmUps(int usual) {
    return Math.min(usual, 1);
  }

  @Override
  public Map<String, Double> run(Contestant contestant, String round) {
    String topic = "latency-" + round;
    bench.create(topic, 1);
    long[] latencies = new long[RATE * seconds];
    AtomicInteger received = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(latencies.length);
    Pipe.Receiver receiver =
        payload -> {
          latencies[received.getAndIncrement()] =
              System.nanoTime() - ByteBuffer.wrap(payload).getLong();
          all.countDown();
        };
    try (Pipe pipe = contestant.openPipe(topic, "group-" + round, receiver)) {
      send(pipe, latencies.length);
      Outcomes.await(all, "all messages come back");
    }
    bench.delete(topic);
    long[] settled =
        java.util.Arrays.copyOfRange(latencies, latencies.length / 4, latencies.length);
    return new TreeMap<>(
        Map.of(
            "p50 ms", Numbers.percentile(settled, 0.50) / 1e6,
            "p99 ms", Numbers.percentile(settled, 0.99) / 1e6));
  }

  private static void send(Pipe pipe, int messages) {
    Load load = new Load(messages, PAYLOAD_BYTES);
    long begin = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      long due = begin + i * GAP_NANOS;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      byte[] payload = load.payload().clone();
      ByteBuffer.wrap(payload).putLong(due);
      pipe.send(load.key(i), payload);
    }
  }
}
