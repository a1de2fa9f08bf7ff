package dev.isostream.engine.publish;

import static dev.isostream.engine.publish.Publishing.driver;
import static dev.isostream.engine.publish.Publishing.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.core.SystemRuntime;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeSink;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.SinkRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The list of what is undecided, through what leans on it. */
@SuppressWarnings("FutureReturnValueIgnored")
class LedgerTest {

  @Test
  void whatIsDecidedIsNotKeptBehindOneThatHangs() {
    FakeDriver driver = driver(FakeDriver.direct()).storing(false);
    Producer<String> producer =
        open(driver, new ManualRuntime(1), 1000, 100_000, Duration.ofSeconds(1));
    CompletableFuture<Receipt> hanging = producer.send("hangs");
    FakeSink sink = driver.sink();
    SinkRecord first = sink.take();
    sink.storing(true);
    PendingSend early = (PendingSend) producer.send("early");
    List<PendingSend> later = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      later.add((PendingSend) producer.send("m"));
    }
    assertThat(early.next).as("unlinked").isNull();
    assertThat(later.stream().filter(send -> send.next != null).count()).isLessThan(6_000);
    CompletableFuture<Void> flush = producer.flush();
    assertThat(flush).isNotDone();
    for (int i = 0; i < 20_000; i++) {
      producer.send("n");
    }
    first.stored(() -> CompletableFuture.failedFuture(new IllegalStateException()));
    assertThat(hanging.join()).isNotNull();
    assertThat(flush).isDone();
    assertThat(producer.flush()).isDone();
  }

  @Test
  void flushesUnderLoadSeeAllThatWasBefore() throws Exception {
    try (SystemRuntime runtime = new SystemRuntime()) {
      FakeDriver driver = driver(FakeDriver.direct()).storing(false);
      Producer<String> producer = open(driver, runtime, 500, 100_000, Duration.ofSeconds(30));
      AtomicBoolean over = new AtomicBoolean();
      Thread broker =
          new Thread(
              () -> {
                while (!over.get()) {
                  driver.sink().storeAll();
                }
              });
      broker.start();
      int threads = 3;
      CountDownLatch done = new CountDownLatch(threads);
      for (int t = 0; t < threads; t++) {
        new Thread(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    List<CompletableFuture<Receipt>> mine = new ArrayList<>();
                    for (int n = 0; n < 40; n++) {
                      mine.add(producer.send(Message.of("m")));
                    }
                    producer.flush().join();
                    assertThat(mine).allMatch(CompletableFuture::isDone);
                  }
                  done.countDown();
                })
            .start();
      }
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
      producer.close();
      over.set(true);
      broker.join(20_000);
      assertThat(driver.sink().records()).hasSize(threads * 100 * 40);
    }
  }
}
