package dev.isostream.benchmarks.engine;

import dev.isostream.Codecs;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Topic;
import dev.isostream.memory.MemoryBroker;
import java.nio.charset.StandardCharsets;
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

/** What one message costs on its way through a producer into memory, its receipt included. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 2,
    jvmArgs = {"-Xms2g", "-Xmx2g"})
public class PublishBenchmark {

  private static final int MESSAGES = 100_000;
  private static final int KEYS = 1000;
  private static final String KEPT = "200000";

  private final byte[] payload = new byte[100];
  private final byte[][] keys = new byte[KEYS][];

  @SuppressWarnings("NullAway.Init") // JMH calls open first
  private Messaging messaging;

  @SuppressWarnings("NullAway.Init") // JMH calls open first
  private Producer<byte[]> producer;

  /** Makes a topic that keeps no more than fits. */
  @Setup
  public void open() {
    for (int i = 0; i < KEYS; i++) {
      keys[i] = ("key-" + i).getBytes(StandardCharsets.US_ASCII);
    }
    messaging =
        Messaging.builder()
            .address("memory://publish")
            .property("memory.retention.messages", KEPT)
            .open();
    messaging.topics().create("publish", 1);
    producer = messaging.producer(Topic.of("publish", Codecs.bytes())).open();
  }

  /** Forgets it. */
  @TearDown
  public void close() {
    messaging.close();
    MemoryBroker.named("publish").remove();
  }

  /** Sends without waiting for each, and waits for all. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  @SuppressWarnings("FutureReturnValueIgnored") // flush waits for all of them
  public void send() {
    for (int i = 0; i < MESSAGES; i++) {
      producer.send(Message.of(payload).keyBytes(keys[i % KEYS]));
    }
    producer.flush().join();
  }
}
