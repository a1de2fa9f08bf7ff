package dev.isostream.conformance.kafka;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.kafka.KafkaDriverProvider;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One driver and what tests need around it. */
final class KafkaBench implements AutoCloseable {

  static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  static final Duration DRAIN_LIMIT = Duration.ofSeconds(2);
  private static final long WAIT_SECONDS = 30;

  final Driver driver;
  private final List<AutoCloseable> opened = new ArrayList<>();

  KafkaBench(String address, Map<String, String> properties) {
    this(address, REQUEST_TIMEOUT, properties);
  }

  KafkaBench(String address, Duration requestTimeout, Map<String, String> properties) {
    this.driver =
        new KafkaDriverProvider()
            .open(
                new DriverConfig(address, "bench", requestTimeout, properties),
                Runnable::run,
                System::nanoTime);
  }

  String topic(int partitions) {
    String topic = "t-" + UUID.randomUUID();
    await(driver.admin().createTopic(topic, partitions));
    return topic;
  }

  Sink sink(String topic) {
    return sink(topic, Duration.ofSeconds(20));
  }

  Sink sink(String topic, Duration deliveryTimeout) {
    Sink sink =
        driver.openSink(
            new SinkSpec(topic, UUID.randomUUID().toString(), deliveryTimeout, 32 << 20));
    opened.add(sink);
    return sink;
  }

  Member member(String topic, String group) {
    GroupSource source =
        driver.openGroup(
            new GroupSpec(topic, group, UUID.randomUUID().toString(), DRAIN_LIMIT, 500, 50 << 20));
    opened.add(source);
    return new Member(source);
  }

  /** A member and what it was told. */
  static final class Member {
    final GroupSource source;
    final Told told;

    Member(GroupSource source) {
      this.source = source;
      this.told = new Told(source);
    }

    /** Polls until it is so. */
    void until(String what, Supplier<Boolean> condition) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
      while (!condition.get()) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("never: " + what + "; told: " + told);
        }
        source.poll(Duration.ofMillis(50), told);
      }
    }
  }

  List<Sent> send(String topic, int count) {
    Sink sink = sink(topic);
    List<Sent> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Sent(i, bytes("k" + i % 7), bytes("v" + i), Headers.empty()));
    }
    sink.append(all);
    all.forEach(sent -> sent.await());
    return all;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    for (AutoCloseable one : opened) {
      try {
        one.close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    driver.close();
  }

  /** A record given to a sink, and what became of it. */
  static final class Sent implements SinkRecord {
    private final long sequence;
    private final byte @Nullable [] key;
    private final byte @Nullable [] payload;
    private final Headers headers;
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    /** Null kind where it is stored. */
    record Outcome(
        @Nullable ErrorKind kind,
        boolean maybeStored,
        @Nullable Throwable cause,
        @Nullable Supplier<CompletionStage<Position>> position) {}

    Sent(long sequence, byte @Nullable [] key, byte @Nullable [] payload, Headers headers) {
      this.sequence = sequence;
      this.key = key;
      this.payload = payload;
      this.headers = headers;
    }

    Sent(String payload, Header... headers) {
      this(0, null, bytes(payload), Headers.of(List.of(headers)));
    }

    Outcome await() {
      return KafkaBench.await(outcome);
    }

    Position position() {
      Outcome found = await();
      if (found.position() == null) {
        throw new AssertionError(found);
      }
      return KafkaBench.await(found.position().get());
    }

    @Override
    public byte @Nullable [] key() {
      return key;
    }

    @Override
    public byte @Nullable [] payload() {
      return payload;
    }

    @Override
    public Headers headers() {
      return headers;
    }

    @Override
    public long sequence() {
      return sequence;
    }

    @Override
    public void stored(Supplier<CompletionStage<Position>> position) {
      decide(new Outcome(null, true, null, position));
    }

    @Override
    public void failed(ErrorKind kind, boolean maybeStored, Throwable cause) {
      decide(new Outcome(kind, maybeStored, cause, null));
    }

    private void decide(Outcome one) {
      if (!outcome.complete(one)) {
        throw new AssertionError("decided twice: " + outcome + ", " + one);
      }
    }
  }
}
