package dev.isostream.benchmarks.engine;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Ordering;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one message costs on its way through one member: read from memory, handed to a handler that
 * does nothing, acked by itself, its ack durable. One partition, 1000 keys, order by key. Joining
 * and leaving are in it, spread over all messages.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 4)
@Measurement(iterations = 5, time = 4)
@Fork(
    value = 2,
    jvmArgs = {"-Xms3g", "-Xmx3g"})
public class ConsumeBenchmark {

  static final int MESSAGES = 2_000_000;

  @SuppressWarnings("NullAway.Init") // JMH calls open first
  private MemoryLog log;

  /** Fills the topic. */
  @Setup
  public void open() {
    log = new MemoryLog(MESSAGES);
  }

  /** Empties it. */
  @TearDown
  public void close() {
    log.close();
  }

  /** Handlers on threads of their own, as applications have it. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void push() {
    Countdown countdown = new Countdown(MESSAGES);
    try (Subscription subscription = log.subscribe().handle(delivery -> countdown.handled())) {
      countdown.await();
      subscription.drain().toCompletableFuture().join();
    }
  }

  /**
   * Everything on the member's own thread: what the engine does for a message, one after another.
   */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void pushOnOneThread() {
    Countdown countdown = new Countdown(MESSAGES);
    try (Subscription subscription =
        log.subscribe().executor(Runnable::run).handle(delivery -> countdown.handled())) {
      countdown.await();
      subscription.drain().toCompletableFuture().join();
    }
  }

  /** Asked for in batches, each message acked by a call of its own. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void pull() {
    try (Consumer<byte[]> consumer =
        log.messaging()
            .consumer(log.topic())
            .group(log.newGroup())
            .startAt(StartAt.earliest())
            .orderBy(Ordering.KEY)
            .whenExhausted(Exhausted.STOP)
            .open()) {
      for (int left = MESSAGES; left > 0; ) {
        for (Delivery<byte[]> delivery : consumer.receiveBatch(1000, Duration.ofSeconds(10))) {
          delivery.ack();
          left--;
        }
      }
      consumer.drain().toCompletableFuture().join();
    }
  }
}
