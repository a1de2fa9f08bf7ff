package dev.isostream.engine.publish;

import static dev.isostream.engine.publish.Publishing.TIMEOUT;
import static dev.isostream.engine.publish.Publishing.driver;
import static dev.isostream.engine.publish.Publishing.failureOf;
import static dev.isostream.engine.publish.Publishing.keyed;
import static dev.isostream.engine.publish.Publishing.maybeStored;
import static dev.isostream.engine.publish.Publishing.open;
import static dev.isostream.engine.publish.Publishing.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.AuthorizationException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.ClosedException;
import dev.isostream.Codec;
import dev.isostream.Codecs;
import dev.isostream.Headers;
import dev.isostream.InvalidRequestException;
import dev.isostream.LimitExceededException;
import dev.isostream.Message;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.SendFailedException;
import dev.isostream.Topic;
import dev.isostream.TopicNotFoundException;
import dev.isostream.core.SystemRuntime;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeSink;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing over a sink whose client keeps the order and whose store refuses copies. */
@SuppressWarnings("FutureReturnValueIgnored")
class DirectOutboxTest {

  private final ManualRuntime runtime = new ManualRuntime(1);
  private final FakeDriver driver = driver(FakeDriver.direct());

  @Test
  void completesWithAReceiptWhosePositionIsAskedForOnce() throws Exception {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> send = producer.send("hello");
    assertThat(send).isNotDone();
    AtomicInteger asked = new AtomicInteger();
    Position position = Position.of("fake", "t", "0", null, 7);
    driver
        .sink()
        .take()
        .stored(
            () -> {
              asked.incrementAndGet();
              return CompletableFuture.completedFuture(position);
            });
    Receipt receipt = send.get();
    assertThat(receipt.topic()).isEqualTo("t");
    assertThat(asked).hasValue(0);
    assertThat(receipt.position().toCompletableFuture().get()).isEqualTo(position);
    assertThat(receipt.position().toCompletableFuture().get()).isEqualTo(position);
    assertThat(asked).hasValue(1);
  }

  @Test
  void aPositionThatCanNotBeToldFailsAsEverythingDoes() {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> send = producer.send("hello");
    driver
        .sink()
        .take()
        .stored(
            () ->
                CompletableFuture.failedFuture(
                    new DriverException(ErrorKind.UNAVAILABLE, "gone", null)));
    CompletionStage<Position> position = send.join().position();
    assertThatThrownBy(() -> position.toCompletableFuture().get())
        .hasCauseInstanceOf(BrokerUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsTheOrderOfEachThreadAndNumbersWithoutGaps(boolean storing) throws Exception {
    try (SystemRuntime real = new SystemRuntime()) {
      Producer<String> producer =
          open(driver.storing(storing), real, 100_000, 10_000_000, Duration.ofSeconds(10));
      int threads = 4;
      int each = 5_000;
      CountDownLatch done = new CountDownLatch(threads);
      List<List<CompletableFuture<Receipt>>> sends = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        List<CompletableFuture<Receipt>> mine = new ArrayList<>();
        sends.add(mine);
        int thread = t;
        new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    mine.add(producer.send(keyed(thread + ":" + i, "p")));
                  }
                  done.countDown();
                })
            .start();
      }
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
      if (!storing) {
        CompletableFuture<Void> flush = producer.flush();
        while (!flush.isDone()) {
          driver.sink().storeAll();
        }
      }
      producer.flush().get(30, TimeUnit.SECONDS);
      List<SinkRecord> records = driver.sink().records();
      assertThat(records).hasSize(threads * each);
      Map<String, Integer> next = new HashMap<>();
      for (int i = 0; i < records.size(); i++) {
        assertThat(records.get(i).sequence()).isEqualTo(i);
      }
      for (List<CompletableFuture<Receipt>> mine : sends) {
        assertThat(Publishing.stored(mine)).isEqualTo(each);
      }
      for (SinkRecord record : records) {
        String[] name = new String(record.key(), StandardCharsets.UTF_8).split(":", 2);
        assertThat(next.merge(name[0], 1, Integer::sum) - 1).isEqualTo(Integer.parseInt(name[1]));
        assertThat(record.payload()).as("dropped once nobody needs it").isNull();
      }
      producer.close();
    }
  }

  @Test
  void handsOverInTheOrderOfTheCalls() {
    Producer<String> producer = open(driver.storing(false), runtime);
    producer.send("a");
    producer.sendAll(List.of(Message.of("b"), Message.of("c")));
    producer.send("d");
    assertThat(driver.sink().records())
        .extracting(Publishing::text)
        .containsExactly("a", "b", "c", "d");
    assertThat(driver.sink().appends()).hasSize(3);
  }

  @Test
  void refusesWhatCanNotBeStoredBeforeAnythingIsSent() {
    Producer<String> producer = open(driver, runtime);
    assertThat(failureOf(producer.send("x".repeat(101))))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("101")
        .hasMessageContaining("maxMessageBytes")
        .hasMessageContaining("100");
    assertThat(failureOf(producer.send(Message.of("x".repeat(98)).header("né", "v"))))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("102");
    assertThat(failureOf(producer.send(keyed("x".repeat(11), "v"))))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("11")
        .hasMessageContaining("maxKeyBytes")
        .hasMessageContaining("10");
    assertThat(failureOf(producer.send(Message.of("v").header("isostream-seq", "1"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("isostream-seq");
    assertThat(driver.sink().records()).isEmpty();
    assertThat(producer.send(Message.of("x".repeat(97)).header("né", "")).join()).isNotNull();
    assertThat(producer.send(Message.of("v").header("isostream-dead-id", "1")).join()).isNotNull();
  }

  @Test
  void whatDoesNotEncodeFailsAlone() {
    Codec<String> codec =
        new Codec<>() {
          @Override
          public byte[] encode(String payload) {
            throw new IllegalStateException("no such payload");
          }

          @Override
          public String decode(byte[] bytes) {
            return "";
          }
        };
    Producer<String> producer =
        Producers.open(
            driver.context(runtime),
            new ProducerSettings<>(Topic.of("t", codec), TIMEOUT, TIMEOUT, 10, 1000));
    assertThat(failureOf(producer.send("x")))
        .isInstanceOf(InvalidRequestException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void anAbsentPayloadIsNoneWhereTheCodecKnowsIt() {
    Producer<byte[]> producer =
        Producers.open(
            driver.storing(false).context(runtime),
            new ProducerSettings<>(
                Topic.of("t", Codecs.nullable(Codecs.bytes())), TIMEOUT, TIMEOUT, 10, 1000));
    producer.send(Message.<byte[]>of(new byte[0]));
    assertThat(driver.sink().records().get(0).payload()).isEmpty();
    assertThat(driver.sink().records().get(0).key()).isNull();
  }

  @Test
  void openingFailsAsTheContractSays() {
    driver.refuse(new DriverException(ErrorKind.AUTHORIZATION, "not yours", new Exception("n")));
    assertThatThrownBy(() -> open(driver, runtime))
        .isInstanceOf(AuthorizationException.class)
        .hasMessageContaining("opening a producer of topic t")
        .hasRootCauseMessage("n");
    driver.log().exists(false);
    assertThatThrownBy(() -> open(driver, runtime)).isInstanceOf(TopicNotFoundException.class);
  }

  @Test
  void whatTheSinkRefusesIsDecidedByItsWord() {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> first = producer.send("a");
    CompletableFuture<Receipt> second = producer.send("b");
    driver.sink().failNext(ErrorKind.AUTHORIZATION, false);
    assertThat(failureOf(first))
        .isInstanceOf(SendFailedException.class)
        .hasCauseInstanceOf(AuthorizationException.class);
    assertThat(maybeStored(first)).isFalse();
    driver.sink().storeNext();
    assertThat(second.join()).isNotNull();
    assertThat(driver.sinks()).hasSize(1);
  }

  @Test
  void everySendIsDecidedAtItsTime() {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> first = producer.send("a");
    runtime.advance(Duration.ofSeconds(30));
    CompletableFuture<Receipt> second = producer.send("b");
    runtime.advance(Duration.ofSeconds(29));
    assertThat(first).isNotDone();
    assertThat(driver.sink().hurried()).as("asked once more before").isPositive();
    runtime.advance(Duration.ofSeconds(1));
    assertThat(maybeStored(first)).isTrue();
    assertThat(((MessagingException) failureOf(first)).isRetriable()).isTrue();
    assertThat(second).isNotDone();
    runtime.advance(Duration.ofSeconds(30));
    assertThat(maybeStored(second)).isTrue();
    assertThat(driver.sink().spec().deliveryTimeout()).isEqualTo(TIMEOUT.minusSeconds(2));
    CompletableFuture<Receipt> third = producer.send("c");
    runtime.advance(TIMEOUT);
    assertThat(maybeStored(third)).isTrue();
  }

  @Test
  void whatTheSinkSaysTooLateOnlyFreesTheRoom() {
    Producer<String> producer =
        open(driver.storing(false), runtime, 1, 1000, Duration.ofSeconds(1));
    CompletableFuture<Receipt> first = producer.send("a");
    runtime.advance(TIMEOUT);
    assertThat(maybeStored(first)).isTrue();
    assertThat(producer.trySend(Message.of("b"))).as("the client still has the first").isEmpty();
    SinkRecord late = driver.sink().take();
    assertThat(text(late)).isEqualTo("a");
    late.stored(() -> CompletableFuture.failedFuture(new IllegalStateException()));
    assertThat(maybeStored(first)).isTrue();
    assertThat(producer.trySend(Message.of("b"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"FENCED", "CLOSED", "UNKNOWN"})
  void aLostSinkFailsWhatItHadAndIsReplaced(String kind) {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> first = producer.send("a");
    CompletableFuture<Receipt> second = producer.send("b");
    FakeSink lost = driver.sink();
    lost.failNext(ErrorKind.valueOf(kind), true);
    CompletableFuture<Receipt> third = producer.send("c");
    assertThat(lost.records()).as("the lost one gets no more").hasSize(2);
    runtime.settle();
    assertThat(lost.isClosed()).isTrue();
    assertThat(maybeStored(first)).isTrue();
    assertThat(maybeStored(second)).isTrue();
    assertThat(driver.sinks()).hasSize(2);
    assertThat(driver.sink().spec().producerId()).isNotEqualTo(lost.spec().producerId());
    assertThat(driver.sink().records()).extracting(Publishing::text).containsExactly("c");
    assertThat(driver.sink().records().get(0).sequence()).isZero();
    driver.sink().storeNext();
    assertThat(third.join()).isNotNull();
  }

  @Test
  void everyProducerHasANameOfItsOwn() {
    open(driver, runtime);
    open(driver, runtime);
    assertThat(driver.sinks()).extracting(sink -> sink.spec().producerId()).doesNotHaveDuplicates();
    assertThat(driver.sinks()).hasSize(2);
  }

  @Test
  void aSinkThatThrowsIsLost() {
    Producer<String> producer = open(driver.storing(false), runtime);
    driver.sink().throwing(true);
    assertThat(maybeStored(producer.send("a"))).isTrue();
    CompletableFuture<Receipt> second = producer.send("b");
    runtime.settle();
    driver.sink().storeNext();
    assertThat(second.join()).isNotNull();
  }

  @Test
  void goesOnTryingToOpenAsLongAsThereIsSomethingToSend() {
    Producer<String> producer = open(driver, runtime);
    driver.sink().storing(false);
    producer.send("a");
    driver.refuse(new DriverException(ErrorKind.UNAVAILABLE, "down", null));
    driver.sink().failNext(ErrorKind.FENCED, true);
    CompletableFuture<Receipt> waiting = producer.send("b");
    runtime.advance(Duration.ofSeconds(30));
    assertThat(waiting).isNotDone();
    driver.refuse(null);
    runtime.advance(Duration.ofSeconds(2));
    assertThat(waiting.join()).isNotNull();
  }

  @Test
  void whatNeverReachedASinkIsSurelyNotStored() {
    Producer<String> producer = open(driver, runtime);
    driver.sink().storing(false);
    producer.send("a");
    driver.refuse(new DriverException(ErrorKind.UNAVAILABLE, "down", null));
    driver.sink().failNext(ErrorKind.FENCED, true);
    CompletableFuture<Receipt> waiting = producer.send("b");
    runtime.advance(TIMEOUT);
    assertThat(maybeStored(waiting)).isFalse();
    assertThat(failureOf(waiting)).hasMessageContaining("down");
  }

  @Test
  void aReasonThatDoesNotPassFailsWhatWaitsAtOnce() {
    Producer<String> producer = open(driver, runtime);
    driver.sink().storing(false);
    producer.send("a");
    driver.log().exists(false);
    driver.sink().failNext(ErrorKind.CLOSED, true);
    CompletableFuture<Receipt> waiting = producer.send("b");
    runtime.settle();
    assertThat(failureOf(waiting)).hasCauseInstanceOf(TopicNotFoundException.class);
    assertThat(maybeStored(waiting)).isFalse();
    driver.log().exists(true);
    CompletableFuture<Receipt> later = producer.send("c");
    runtime.advance(Duration.ofSeconds(2));
    assertThat(later.join()).isNotNull();
  }

  @Test
  void flushCompletesWhenWhatWasBeforeIsDecided() {
    Producer<String> producer = open(driver.storing(false), runtime);
    assertThat(producer.flush()).isDone();
    producer.send("a");
    producer.send("b");
    CompletableFuture<Void> flush = producer.flush();
    producer.send("c");
    assertThat(driver.sink().hurried()).isEqualTo(1);
    SinkRecord first = driver.sink().take();
    driver.sink().storeNext();
    assertThat(flush).isNotDone();
    first.failed(ErrorKind.AUTHORIZATION, false, new IllegalStateException("refused"));
    assertThat(flush).isDone();
  }

  @Test
  void closeFailsTheRestAndRefusesWhatComesAfter() {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> first = producer.send("a");
    producer.close(Duration.ofMillis(10));
    assertThat(maybeStored(first)).isTrue();
    assertThat(driver.sink().isClosed()).isTrue();
    assertThat(failureOf(producer.send("b"))).isInstanceOf(ClosedException.class);
    assertThat(failureOf(producer.trySend(Message.of("b")).orElseThrow()))
        .isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> producer.sendSync(Message.of("b")))
        .isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> producer.flush().get()).hasCauseInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> producer.whenRoom().toCompletableFuture().get())
        .hasCauseInstanceOf(ClosedException.class);
    producer.close(Duration.ZERO);
    producer.close();
  }

  @Test
  void closeWaitsForWhatIsUndecidedUpToItsLimit() throws Exception {
    Producer<String> producer = open(driver.storing(false), runtime);
    CompletableFuture<Receipt> first = producer.send("a");
    CountDownLatch closed = new CountDownLatch(1);
    new Thread(
            () -> {
              producer.close(Duration.ofSeconds(20));
              closed.countDown();
            })
        .start();
    while (driver.sink().hurried() == 0) {
      Thread.onSpinWait();
    }
    driver.sink().storeNext();
    assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(first.join()).isNotNull();
  }

  @Test
  void whatApplicationsDoToTheFutureChangesNothingElse() {
    Producer<String> producer =
        open(driver.storing(false), runtime, 1, 1000, Duration.ofSeconds(1));
    CompletableFuture<Receipt> send = producer.send("a");
    send.cancel(true);
    CompletableFuture<Void> flush = producer.flush();
    assertThat(flush).isNotDone();
    assertThat(producer.trySend(Message.of("b"))).isEmpty();
    driver.sink().storeNext();
    assertThat(flush).isDone();
    assertThat(producer.trySend(Message.of("b"))).isPresent();
  }

  @Test
  void sendingFromACallbackIsFine() {
    Producer<String> producer = open(driver, runtime);
    List<CompletableFuture<Receipt>> chain = new ArrayList<>();
    CompletableFuture<Receipt> first = producer.send("a");
    first.thenRun(() -> chain.add(producer.send("b")));
    producer.flush().join();
    assertThat(chain.get(0).join()).isNotNull();
  }

  @Test
  void sendSyncSaysWhatHappened() {
    Producer<String> producer = open(driver, runtime);
    assertThat(producer.sendSync(Message.of("a"))).isNotNull();
    Thread.currentThread().interrupt();
    driver.sink().storing(false);
    assertThatThrownBy(() -> producer.sendSync(Message.of("b")))
        .isInstanceOf(dev.isostream.InterruptedOperationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void headersGoAsTheyAre() {
    Producer<String> producer = open(driver.storing(false), runtime);
    producer.send(Message.of("a").header("x", "1").header("X", (byte[]) null).header("x", ""));
    Headers headers = driver.sink().records().get(0).headers();
    assertThat(headers.asList())
        .extracting(Object::toString)
        .containsExactly("x=1 B", "X=null", "x=0 B");
  }
}
