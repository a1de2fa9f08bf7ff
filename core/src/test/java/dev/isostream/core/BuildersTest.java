package dev.isostream.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.isostream.Codecs;
import dev.isostream.ConfigurationException;
import dev.isostream.Exhausted;
import dev.isostream.InvalidPositionException;
import dev.isostream.InvalidRequestException;
import dev.isostream.Position;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildersTest {

  private static final Topic<String> TOPIC = Topic.of("orders", Codecs.utf8());

  private final FakeBackend backend = new FakeBackend();
  private final DefaultMessaging messaging = backend.open();

  @AfterEach
  void close() {
    messaging.close();
  }

  private SubscriptionBuilder<String> member() {
    return messaging.subscribe(TOPIC).group("g");
  }

  private static String problemsOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    assertThat(failure).isInstanceOf(ConfigurationException.class);
    return String.valueOf(failure.getMessage());
  }

  @Test
  void aProducersProblemsAreToldTogether() {
    String problems =
        problemsOf(
            () ->
                messaging
                    .producer(TOPIC)
                    .deliveryTimeout(Duration.ZERO)
                    .maxBlock(Duration.ofDays(2))
                    .maxInFlightMessages(0)
                    .maxInFlightBytes(-1)
                    .open());
    assertThat(problems)
        .startsWith("The producer of topic \"orders\" has 4 problems:")
        .contains("deliveryTimeout = PT0S: allowed: 1ms to 1d")
        .contains("maxBlock = PT48H: allowed: 1ms to 1d")
        .contains("maxInFlightMessages = 0: allowed: 1 to 10000000.")
        .contains("maxInFlightBytes = -1: allowed: 1 to 64GiB");
  }

  @Test
  void aMembersProblemsAreToldTogether() {
    String problems =
        problemsOf(
            () ->
                messaging
                    .subscribe(TOPIC)
                    .concurrency(0)
                    .maxInFlightMessages(-5)
                    .maxInFlightBytes(0)
                    .drainLimit(Duration.ZERO)
                    .stuckAfter(Duration.ofSeconds(-1))
                    .handle(delivery -> {}));
    assertThat(problems)
        .startsWith("The member on topic \"orders\" has 7 problems:")
        .contains("group: missing; allowed: 1 to 100 of letters")
        .contains("concurrency = 0: allowed: 1 to 10000.")
        .contains("maxInFlightMessages = -5: allowed: 1 to 1000000.")
        .contains("maxInFlightBytes = 0: allowed: 1 to 64GiB")
        .contains("drainLimit = PT0S: allowed: 1ms to 1h")
        .contains("stuckAfter = PT-1S: allowed: 1ms to 7d")
        .contains("after 5 attempts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "ä", "with space", "new\nline"})
  void groupsHaveLegalNames(String group) {
    assertThat(
            problemsOf(
                () -> member().group(group).retry(Retry.none().forever()).handle(delivery -> {})))
        .contains("group = ");
    assertThat(
            problemsOf(
                () -> member().group("x".repeat(101)).retry(Retry.none().forever()).publisher()))
        .contains("(101)");
  }

  @Test
  void boundedAttemptsNeedAChoiceByName() {
    assertThat(problemsOf(() -> member().retry(Retry.none()).handle(delivery -> {})))
        .contains("after 1 attempts")
        .contains("deadLetterTo(topic)")
        .contains("whenExhausted(Exhausted.DISCARD)")
        .contains("whenExhausted(Exhausted.STOP)")
        .contains(".forever()");
    assertThat(
            problemsOf(
                () ->
                    messaging
                        .consumer(TOPIC)
                        .group("g")
                        .deadLetterTo("dead")
                        .whenExhausted(Exhausted.STOP)
                        .open()))
        .contains("deadLetterTo(\"dead\") and whenExhausted(STOP) exclude each other");
  }

  @Test
  void aDeadLetterTopicIsAnotherTopicWithALegalName() {
    assertThat(problemsOf(() -> member().deadLetterTo("orders").handle(delivery -> {})))
        .contains("deadLetterTo = \"orders\": must be another topic");
    assertThat(
            problemsOf(() -> member().deadLetterTo("a b").handleAsync(delivery -> delivery.ack())))
        .contains("deadLetterTo = \"a b\": allowed: 1 to 200");
  }

  @Test
  void positionsMustBelongToTopicAndBackend() {
    Position foreign = Position.of("kafka", "orders", "0", null, 1);
    Position other = Position.of("fake", "other", "0", null, 1);
    SubscriptionBuilder<String> builder = member().retry(Retry.none().forever());
    assertThatThrownBy(() -> builder.startAt(StartAt.at(foreign)).handle(delivery -> {}))
        .isInstanceOf(InvalidPositionException.class)
        .hasMessageContaining("kafka:orders/0@1")
        .hasMessageContaining("here is fake");
    assertThatThrownBy(() -> messaging.reader(TOPIC).after(other).open())
        .isInstanceOf(InvalidPositionException.class)
        .hasMessageContaining("of topic \"other\"");
  }

  @Test
  void aReadersPartitionsMustHoldItsStart() {
    Position start = Position.of("fake", "orders", "3", null, 1);
    assertThat(problemsOf(() -> messaging.reader(TOPIC).from(start).partitions(Set.of("1")).open()))
        .startsWith("The reader of topic \"orders\" has a problem:")
        .contains("partitions = [1]")
        .contains("fake:orders/3@1");
    assertThat(problemsOf(() -> messaging.reader(TOPIC).partitions(List.of()).open()))
        .contains("give at least one");
  }

  @Test
  void waitsThatNoClockCanCountAreRefused() {
    Duration ever = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    assertThatThrownBy(() -> Retry.fixed(ever))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("delay must not be longer than 292 years, was PT2562047788015215H");
    assertThatThrownBy(() -> Retry.exponential(Duration.ZERO, ever))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("maxDelay");
    Retry longest = Retry.fixed(Duration.ofNanos(Long.MAX_VALUE)).jitter(1.0);
    assertThat(longest.delayAfter(1, 0.9)).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
    assertThat(problemsOf(() -> member().drainLimit(ever).stuckAfter(ever).handle(delivery -> {})))
        .contains("drainLimit = PT2562047788015215H")
        .contains("stuckAfter = PT2562047788015215H");
    assertThat(
            problemsOf(() -> messaging.producer(TOPIC).deliveryTimeout(ever).maxBlock(ever).open()))
        .contains("deliveryTimeout = PT2562047788015215H")
        .contains("maxBlock = PT2562047788015215H");
  }

  @Test
  void configuredValuesAreTheDefaults() {
    DefaultMessaging other =
        backend.with("producer.max-block", "5s").with("consumer.retry.max-attempts", "2").open();
    assertThat(problemsOf(() -> other.subscribe(TOPIC).group("g").handle(delivery -> {})))
        .contains("after 2 attempts");
    other.close();
  }

  @Test
  @SuppressWarnings("NullAway") // what applications without its checks may do
  void nullIsRefusedWhereItIsGiven() {
    assertThatThrownBy(() -> messaging.producer(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> member().group(null)).hasMessage("group");
    assertThatThrownBy(() -> member().drainLimit(null)).hasMessage("limit");
    assertThatThrownBy(() -> member().handle(null)).hasMessage("handler");
    assertThatThrownBy(() -> messaging.reader(TOPIC).from((Position) null)).hasMessage("position");
  }
}
