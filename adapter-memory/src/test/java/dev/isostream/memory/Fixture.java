package dev.isostream.memory;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** A broker of its own with a clock that stands still, and short ways to use it. */
final class Fixture {

  final FakeClock clock = new FakeClock();
  final MemoryBroker broker = new MemoryBroker("test", clock);

  MemoryDriver driver(String... properties) {
    Map<String, String> given = new java.util.HashMap<>();
    for (int i = 0; i < properties.length; i += 2) {
      given.put(properties[i], properties[i + 1]);
    }
    DriverConfig config = new DriverConfig("test", "client", Duration.ofMillis(200), given);
    return new MemoryDriver(broker, MemoryProperties.parse(config));
  }

  static Sink sink(MemoryDriver driver, String topic) {
    return driver.openSink(new SinkSpec(topic, "producer", Duration.ofSeconds(10), 1 << 20));
  }

  static GroupSource member(MemoryDriver driver, String topic, String group, String id) {
    return driver.openGroup(new GroupSpec(topic, group, id, Duration.ofSeconds(30), 500, 1 << 20));
  }

  static MemoryConnection connection(MemoryDriver driver) {
    return driver.unwrap(MemoryConnection.class).orElseThrow();
  }

  static List<Sent> records(@Nullable String key, int count) {
    return IntStream.range(0, count).mapToObj(i -> Sent.of(key, "m" + i, i)).toList();
  }

  static Lane lane(String partition) {
    return new Lane(partition, 0, partition.equals("0"));
  }

  static <T extends @Nullable Object> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  static void assertFails(ErrorKind kind, ThrowingCallable call) {
    Throwable thrown = Assertions.catchThrowable(call);
    Throwable bare =
        thrown instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : thrown;
    Assertions.assertThat(bare)
        .isInstanceOfSatisfying(
            DriverException.class, e -> Assertions.assertThat(e.kind()).isEqualTo(kind));
  }
}
