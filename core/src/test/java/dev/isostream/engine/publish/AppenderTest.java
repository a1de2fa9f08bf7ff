package dev.isostream.engine.publish;

import static dev.isostream.engine.publish.Publishing.driver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.ClosedException;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.LimitExceededException;
import dev.isostream.MessagingException;
import dev.isostream.TopicNotFoundException;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not be lost is appended in the end (contract D6). */
class AppenderTest {

  private final ManualRuntime runtime = new ManualRuntime(1);
  private final List<MessagingException> failures = new ArrayList<>();

  private CompletableFuture<Void> append(Appender appender) {
    Headers headers = Headers.of(List.of(Header.of("isostream-dead-id", "g@1")));
    return appender
        .append(new byte[] {1}, new byte[1000], headers, failures::add)
        .toCompletableFuture();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void opensWithTheFirstOneAndStores(boolean direct) {
    FakeDriver driver = driver(direct ? FakeDriver.direct() : FakeDriver.gated(10, 10));
    Appender appender = new Appender(driver.context(runtime), "t");
    assertThat(driver.sinks()).isEmpty();
    CompletableFuture<Void> stored = append(appender);
    runtime.settle();
    assertThat(stored).isCompleted();
    assertThat(failures).isEmpty();
    assertThat(driver.sink().records().get(0).key()).containsExactly(1);
    assertThat(append(appender)).isCompleted();
    assertThat(driver.sinks()).hasSize(1);
  }

  @Test
  void goesOnUntilTheTopicIsThere() {
    FakeDriver driver = driver(FakeDriver.direct());
    driver.log().exists(false);
    Appender appender = new Appender(driver.context(runtime), "t");
    CompletableFuture<Void> stored = append(appender);
    runtime.advance(Duration.ofMinutes(5));
    assertThat(stored).isNotDone();
    assertThat(failures).hasSizeGreaterThan(100);
    assertThat(failures.get(0)).hasCauseInstanceOf(TopicNotFoundException.class);
    driver.log().exists(true);
    runtime.advance(Duration.ofSeconds(3));
    assertThat(stored).isCompleted();
  }

  @Test
  void goesOnThroughRefusalsAndSilence() {
    FakeDriver driver = driver(FakeDriver.direct()).storing(false);
    Appender appender = new Appender(driver.context(runtime), "t");
    CompletableFuture<Void> stored = append(appender);
    runtime.settle();
    driver.sink().failNext(ErrorKind.AUTHORIZATION, false);
    runtime.advance(Duration.ofSeconds(1));
    assertThat(failures).hasSize(1);
    runtime.advance(Duration.ofSeconds(10));
    assertThat(failures).hasSizeGreaterThan(1);
    driver.sink().failNext(ErrorKind.FENCED, true);
    driver.storing(true);
    runtime.advance(Duration.ofSeconds(10));
    assertThat(stored).isCompleted();
  }

  @Test
  void givesUpOnARecordThatTheBackendCanNotTake() {
    FakeDriver driver = driver(FakeDriver.direct()).storing(false);
    Appender appender = new Appender(driver.context(runtime), "t");
    CompletableFuture<Void> stored = append(appender);
    runtime.settle();
    driver.sink().failNext(ErrorKind.TOO_LARGE, false);
    assertThatThrownBy(stored::get).hasCauseInstanceOf(LimitExceededException.class);
  }

  @Test
  void closeEndsTheTrying() {
    FakeDriver driver = driver(FakeDriver.direct());
    driver.refuse(new DriverException(ErrorKind.UNAVAILABLE, "down", null));
    Appender appender = new Appender(driver.context(runtime), "t");
    CompletableFuture<Void> stored = append(appender);
    runtime.advance(Duration.ofSeconds(7));
    appender.close();
    appender.close();
    assertThatThrownBy(stored::get).hasCauseInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> append(appender).get()).hasCauseInstanceOf(ClosedException.class);
  }
}
