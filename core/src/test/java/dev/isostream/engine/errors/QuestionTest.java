package dev.isostream.engine.errors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.AuthorizationException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.InterruptedOperationException;
import dev.isostream.Limits;
import dev.isostream.TopicNotFoundException;
import dev.isostream.core.SystemRuntime;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuestionTest {

  private final SystemRuntime runtime = new SystemRuntime();
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void close() {
    runtime.close();
  }

  private Question question(Duration limit) {
    Limits limits = Limits.builder().build();
    FakeDriver driver = new FakeDriver(FakeDriver.direct(), limits);
    return new Question(driver.context(runtime), "asking", limit);
  }

  private CompletionStage<String> failing(int times, ErrorKind kind) {
    return asked.incrementAndGet() > times
        ? CompletableFuture.completedFuture("answer")
        : CompletableFuture.failedFuture(new DriverException(kind, "it failed", null));
  }

  @Test
  void whatIsUnavailableIsAskedAgain() {
    Question question = question(Duration.ofSeconds(30));
    assertThat(question.ask(() -> failing(3, ErrorKind.UNAVAILABLE))).isEqualTo("answer");
    assertThat(asked).hasValue(4);
  }

  @Test
  void whatIsDoneHereIsTriedAgainToo() {
    question(Duration.ofSeconds(30))
        .run(
            () -> {
              if (asked.incrementAndGet() < 3) {
                throw new DriverException(ErrorKind.UNAVAILABLE, "it failed", null);
              }
            });
    assertThat(asked).hasValue(3);
  }

  @Test
  void noOtherFailureIs() {
    Question question = question(Duration.ofSeconds(30));
    assertThatThrownBy(() -> question.ask(() -> failing(1, ErrorKind.AUTHORIZATION)))
        .isInstanceOf(AuthorizationException.class);
    assertThat(asked).hasValue(1);
  }

  @Test
  void norIsAChange() {
    Question question = question(Duration.ofSeconds(30));
    assertThatThrownBy(() -> question.change(() -> failing(1, ErrorKind.UNAVAILABLE)))
        .isInstanceOf(BrokerUnavailableException.class);
    assertThat(asked).hasValue(1);
  }

  @Test
  void theLastFailureIsToldWhenTheTimeIsOver() {
    Question question = question(Duration.ofMillis(200));
    assertThatThrownBy(() -> question.ask(() -> failing(1_000, ErrorKind.UNAVAILABLE)))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining("asking")
        .hasMessageContaining("it failed");
    assertThat(asked.get()).isGreaterThan(1);
  }

  @Test
  void allQuestionsTogetherHaveTheTimeOfOne() {
    Question question = question(Duration.ofMillis(5));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> question.ask(CompletableFuture::new))
          .isInstanceOf(BrokerUnavailableException.class)
          .hasMessageContaining("asking");
    }
    assertThat(question.remaining()).isZero();
  }

  @Test
  void anExceptionMadeElsewhereShowsWhoWaited() {
    TopicNotFoundException known = new TopicNotFoundException("there is none");
    Question question = question(Duration.ofSeconds(30));
    assertThatThrownBy(() -> question.ask(() -> CompletableFuture.failedFuture(known)))
        .isSameAs(known);
    assertThat(known.getSuppressed()).hasSize(1);
  }

  @Test
  void anInterruptEndsIt() {
    Thread.currentThread().interrupt();
    Question question = question(Duration.ofMinutes(1));
    assertThatThrownBy(() -> question.ask(CompletableFuture::new))
        .isInstanceOf(InterruptedOperationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
