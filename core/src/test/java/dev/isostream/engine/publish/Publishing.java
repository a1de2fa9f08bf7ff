package dev.isostream.engine.publish;

import dev.isostream.Codecs;
import dev.isostream.Limits;
import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.SendFailedException;
import dev.isostream.Topic;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.SinkRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** What the tests of publishing have in common. */
final class Publishing {

  static final Duration TIMEOUT = Duration.ofSeconds(60);

  private Publishing() {}

  static FakeDriver driver(DriverTraits traits) {
    Limits limits =
        Limits.builder().maxMessageBytes(100).maxKeyBytes(10).duplicateWindow(1000).build();
    return new FakeDriver(traits, limits);
  }

  static Producer<String> open(FakeDriver driver, EngineRuntime runtime) {
    return open(driver, runtime, 1000, 100_000, Duration.ofSeconds(10));
  }

  static Producer<String> open(
      FakeDriver driver, EngineRuntime runtime, int messages, long bytes, Duration maxBlock) {
    return Producers.open(
        driver.context(runtime),
        new ProducerSettings<>(Topic.of("t", Codecs.utf8()), TIMEOUT, maxBlock, messages, bytes));
  }

  static Message<String> keyed(String key, String payload) {
    return Message.of(payload).key(key);
  }

  static String text(SinkRecord record) {
    return new String(Objects.requireNonNull(record.payload()), StandardCharsets.UTF_8);
  }

  static Throwable failureOf(CompletableFuture<Receipt> send) {
    try {
      Receipt receipt = send.get(20, TimeUnit.SECONDS);
      throw new AssertionError("stored: " + receipt);
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    } catch (Exception e) {
      throw new AssertionError("undecided", e);
    }
  }

  static boolean maybeStored(CompletableFuture<Receipt> send) {
    return ((SendFailedException) failureOf(send)).isMaybeStored();
  }

  static long stored(List<CompletableFuture<Receipt>> sends) {
    return sends.stream().filter(s -> s.isDone() && !s.isCompletedExceptionally()).count();
  }
}
