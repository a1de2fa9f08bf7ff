package dev.isostream.engine.publish;

import static dev.isostream.engine.publish.Publishing.TIMEOUT;
import static dev.isostream.engine.publish.Publishing.driver;
import static dev.isostream.engine.publish.Publishing.keyed;
import static dev.isostream.engine.publish.Publishing.maybeStored;
import static dev.isostream.engine.publish.Publishing.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Headers;
import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.engine.WireHeaders;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeSink;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Publishing over sinks that leave order, retries or copies to the engine. */
@SuppressWarnings("FutureReturnValueIgnored")
class GatedOutboxTest {

  private static final Duration RETRIED = Duration.ofMillis(100);

  private final ManualRuntime runtime = new ManualRuntime(1);

  private static List<String> undecided(FakeSink sink) {
    return sink.undecided().stream().map(Publishing::text).toList();
  }

  @Test
  void oneOfAKeyIsOutAtATimeAndThoseWithoutAKeyWaitForNone() {
    FakeDriver driver = driver(FakeDriver.gated(10, 10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    producer.send(keyed("a", "a1"));
    producer.send(keyed("a", "a2"));
    producer.send(keyed("b", "b1"));
    producer.send("n1");
    producer.send("n2");
    producer.send(keyed("a", "a3"));
    FakeSink sink = driver.sink();
    assertThat(undecided(sink)).containsExactly("a1", "b1", "n1", "n2");
    sink.storeNext();
    assertThat(undecided(sink)).containsExactly("b1", "n1", "n2", "a2");
    sink.storeAll();
    assertThat(sink.records()).hasSize(6);
    assertThat(producer.flush()).isDone();
  }

  @Test
  void whatFailsForNowIsHandedAgainAndHoldsUpItsKeyOnly() {
    FakeDriver driver = driver(FakeDriver.gated(10, 10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    CompletableFuture<Receipt> first = producer.send(keyed("a", "a1"));
    producer.send(keyed("a", "a2"));
    FakeSink sink = driver.sink();
    Headers ids = sink.undecided().get(0).headers();
    sink.failNext(ErrorKind.UNAVAILABLE, true);
    producer.send(keyed("b", "b1"));
    assertThat(undecided(sink)).containsExactly("b1");
    assertThat(first).isNotDone();
    runtime.advance(RETRIED);
    assertThat(undecided(sink)).containsExactly("b1", "a1");
    SinkRecord again = sink.undecided().get(1);
    assertThat(again.headers()).isEqualTo(ids);
    assertThat(again.sequence()).isZero();
    sink.storeAll();
    assertThat(sink.records()).hasSize(4);
    assertThat(first.join()).isNotNull();
  }

  @Test
  void eachSendCarriesTheProducersIdAndANumberOnlyWhereTheStoreDoesNotRefuseCopies() {
    FakeDriver gated = driver(FakeDriver.gated(10, 10)).storing(false);
    Producer<String> one = open(gated, runtime);
    one.send(Message.of("x").header("own", "1"));
    one.send("y");
    Producer<String> other = open(gated, runtime);
    other.send("z");
    List<SinkRecord> first = gated.sinks().get(0).records();
    Headers headers = first.get(0).headers();
    assertThat(headers.text("own")).contains("1");
    assertThat(headers.text(WireHeaders.SEQUENCE)).contains("0");
    assertThat(first.get(1).headers().text(WireHeaders.SEQUENCE)).contains("1");
    String id = headers.text(WireHeaders.PRODUCER).orElseThrow();
    assertThat(id).isEqualTo(gated.sinks().get(0).spec().producerId());
    assertThat(gated.sink().records().get(0).headers().text(WireHeaders.PRODUCER))
        .isPresent()
        .get()
        .isNotEqualTo(id);
    FakeDriver strict = driver(FakeDriver.strict(10)).storing(false);
    open(strict, runtime).send("x");
    assertThat(strict.sink().records().get(0).headers().isEmpty()).isTrue();
  }

  @Test
  void retriesEndWithTheDeliveryTimeoutAndTellWhetherAnyMayHaveStoredIt() {
    FakeDriver driver = driver(FakeDriver.gated(1, 10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    CompletableFuture<Receipt> never = producer.send(keyed("a", "never"));
    CompletableFuture<Receipt> maybe = producer.send(keyed("b", "maybe"));
    driver.sink().failNext(ErrorKind.UNAVAILABLE, false);
    driver.sink().failNext(ErrorKind.UNAVAILABLE, true);
    for (long left = TIMEOUT.toMillis() + 200; left > 0; left -= 100) {
      runtime.advance(Duration.ofMillis(100));
      while (!driver.sink().undecided().isEmpty()) {
        driver.sink().failNext(ErrorKind.UNAVAILABLE, false);
      }
    }
    assertThat(maybeStored(never)).isFalse();
    assertThat(maybeStored(maybe)).isTrue();
    assertThat(driver.sink().records().size()).isBetween(80, 200);
    CompletableFuture<Receipt> after = producer.send(keyed("a", "after"));
    driver.sink().storeAll();
    assertThat(after.join()).isNotNull();
  }

  @Test
  void whatIsDecidedByTimeHoldsItsKeyUpUntilTheSinkIsThroughWithIt() {
    FakeDriver driver = driver(FakeDriver.gated(10, 10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    CompletableFuture<Receipt> first = producer.send(keyed("a", "a1"));
    runtime.advance(TIMEOUT);
    assertThat(maybeStored(first)).isTrue();
    CompletableFuture<Receipt> second = producer.send(keyed("a", "a2"));
    assertThat(undecided(driver.sink())).containsExactly("a1");
    driver.sink().failNext(ErrorKind.UNAVAILABLE, true);
    assertThat(undecided(driver.sink())).containsExactly("a2");
    driver.sink().storeNext();
    assertThat(second.join()).isNotNull();
  }

  @Test
  void whatExpiresWhileItWaitsIsSkipped() {
    FakeDriver driver = driver(FakeDriver.gated(10, 10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    producer.send(keyed("a", "a1"));
    CompletableFuture<Receipt> second = producer.send(keyed("a", "a2"));
    runtime.advance(TIMEOUT);
    assertThat(maybeStored(second)).isFalse();
    CompletableFuture<Receipt> third = producer.send(keyed("a", "a3"));
    driver.sink().storeNext();
    assertThat(undecided(driver.sink())).containsExactly("a3");
    driver.sink().storeNext();
    assertThat(third.join()).isNotNull();
  }

  @Test
  void batchesFormWhileAsManyAppendsAreOutAsMayBe() {
    FakeDriver driver = driver(FakeDriver.gated(3, 2)).storing(false);
    Producer<String> producer = open(driver, runtime);
    for (int i = 0; i < 9; i++) {
      producer.send("m" + i);
    }
    FakeSink sink = driver.sink();
    assertThat(sink.appends()).hasSize(2);
    sink.storeNext();
    assertThat(sink.appends()).extracting(List::size).containsExactly(1, 1, 3);
    sink.storeAll();
    assertThat(sink.appends()).extracting(List::size).containsExactly(1, 1, 3, 3, 1);
  }

  @Test
  void whereTheStoreRefusesCopiesNothingNewerGoesWhileAnOlderOneWaits() {
    FakeDriver driver = driver(FakeDriver.strict(10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    producer.send("m0");
    producer.send("m1");
    producer.send("m2");
    FakeSink sink = driver.sink();
    assertThat(undecided(sink)).containsExactly("m0");
    sink.storeNext();
    assertThat(undecided(sink)).containsExactly("m1", "m2");
    sink.failNext(ErrorKind.UNAVAILABLE, true);
    sink.storeNext();
    producer.send("m3");
    assertThat(undecided(sink)).isEmpty();
    runtime.advance(RETRIED);
    assertThat(undecided(sink)).containsExactly("m1");
    assertThat(sink.undecided().get(0).sequence()).isEqualTo(1);
    sink.storeNext();
    assertThat(undecided(sink)).containsExactly("m3");
    assertThat(sink.undecided().get(0).sequence()).isEqualTo(3);
  }

  @Test
  void aLostSinkLeavesWhatWaitsToTheNext() {
    FakeDriver driver = driver(FakeDriver.gated(10, 10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    CompletableFuture<Receipt> retried = producer.send(keyed("a", "a1"));
    CompletableFuture<Receipt> out = producer.send(keyed("b", "b1"));
    CompletableFuture<Receipt> waiting = producer.send(keyed("b", "b2"));
    FakeSink lost = driver.sink();
    lost.failNext(ErrorKind.UNAVAILABLE, true);
    lost.failNext(ErrorKind.FENCED, true);
    runtime.advance(RETRIED);
    assertThat(maybeStored(out)).isTrue();
    assertThat(driver.sinks()).hasSize(2);
    assertThat(undecided(driver.sink())).containsExactlyInAnyOrder("a1", "b2");
    assertThat(driver.sink().records())
        .extracting(r -> r.headers().text(WireHeaders.PRODUCER).orElseThrow())
        .as("copies stay known as such")
        .containsOnly(lost.spec().producerId());
    driver.sink().storeAll();
    assertThat(retried.join()).isNotNull();
    assertThat(waiting.join()).isNotNull();
  }

  @Test
  void whereTheStoreKnowsCopiesByTheSinksNameWhatMayBeStoredIsNotSentUnderAnother() {
    FakeDriver driver = driver(FakeDriver.strict(10)).storing(false);
    Producer<String> producer = open(driver, runtime);
    producer.send("m0");
    CompletableFuture<Receipt> maybe = producer.send("m1");
    CompletableFuture<Receipt> never = producer.send("m2");
    FakeSink lost = driver.sink();
    lost.storeNext();
    lost.failNext(ErrorKind.UNAVAILABLE, true);
    lost.failNext(ErrorKind.UNAVAILABLE, false);
    runtime.advance(RETRIED);
    CompletableFuture<Receipt> last = producer.send("m3");
    lost.failNext(ErrorKind.UNAVAILABLE, false);
    lost.failNext(ErrorKind.FENCED, false);
    runtime.advance(RETRIED.multipliedBy(2));
    assertThat(maybeStored(maybe)).isTrue();
    assertThat(driver.sinks()).hasSize(2);
    assertThat(maybeStored(never)).isFalse();
    assertThat(undecided(driver.sink())).containsExactly("m3");
    assertThat(driver.sink().records().get(0).sequence()).isZero();
    driver.sink().storeAll();
    assertThat(last.join()).isNotNull();
  }
}
