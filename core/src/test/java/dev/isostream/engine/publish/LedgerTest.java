package dev.isostream.engine.publish;

import static dev.isostream.engine.publish.Publishing.driver;
import static dev.isostream.engine.publish.Publishing.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Headers;
import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.core.SystemRuntime;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
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
    Outbox outbox = outbox();
    Ledger ledger = outbox.ledger;
    PendingSend hanging = handed(outbox);
    PendingSend beside = handed(outbox);
    LedgerBlock first = Objects.requireNonNull(beside.block());
    store(beside);
    assertThat(first.at(beside.place())).as("let go of").isNull();
    assertThat(beside.block()).as("which a kept receipt does not hold").isNull();
    for (int i = 0; i < 1000 * LedgerBlock.SIZE; i++) {
      store(handed(outbox));
    }
    assertThat(ledger.blocks()).isLessThan(70);
    CompletableFuture<Void> flush = ledger.flush();
    store(handed(outbox));
    assertThat(flush).isNotDone();
    assertThat(ledger.firstUndecided()).isSameAs(hanging);
    assertThat(ledger.isEmpty()).isFalse();
    store(hanging);
    assertThat(flush).isDone();
    assertThat(ledger.blocks()).isLessThanOrEqualTo(2);
    assertThat(ledger.firstUndecided()).isNull();
    assertThat(ledger.isEmpty()).isTrue();
    assertThat(ledger.flush()).isDone();
  }

  @Test
  void aFlushEndsWithTheLastSendBeforeItAndWaitsForNoneBehindIt() {
    Outbox outbox = outbox();
    for (int before = 1; before <= 3 * LedgerBlock.SIZE; before += 85) {
      List<PendingSend> mine = new ArrayList<>();
      for (int i = 0; i < before; i++) {
        mine.add(handed(outbox));
      }
      CompletableFuture<Void> flush = outbox.ledger.flush();
      PendingSend behind = handed(outbox);
      CompletableFuture<Void> later = outbox.ledger.flush();
      Collections.shuffle(mine, new Random(before));
      for (PendingSend send : mine) {
        assertThat(flush).isNotDone();
        store(send);
      }
      assertThat(flush).isDone();
      assertThat(later).isNotDone();
      store(behind);
      assertThat(later).isDone();
    }
  }

  @Test
  void whatExpiresBeforeItIsTakenIsNotTakenForUndecided() {
    Outbox outbox = outbox();
    Ledger ledger = outbox.ledger;
    List<PendingSend> waiting = new ArrayList<>();
    for (int i = 0; i < LedgerBlock.SIZE + 1; i++) {
      PendingSend send = outbox.newSend(null, null, Headers.empty(), 0);
      ledger.append(send);
      waiting.add(send);
    }
    CompletableFuture<Void> flush = ledger.flush();
    for (PendingSend send : waiting.subList(0, LedgerBlock.SIZE)) {
      assertThat(send.expire(ErrorKind.UNAVAILABLE, new IllegalStateException("late"))).isTrue();
    }
    assertThat(flush).isNotDone();
    assertThat(ledger.hasNext()).isTrue();
    PendingSend last = Objects.requireNonNull(ledger.take());
    assertThat(last).as("a block of which nothing is left is skipped").isSameAs(waiting.get(256));
    assertThat(last.hand()).isTrue();
    store(last);
    assertThat(flush).isDone();
    assertThat(ledger.take()).isNull();
    assertThat(ledger.hasNext()).isFalse();
  }

  private static Outbox outbox() {
    ManualRuntime runtime = new ManualRuntime(1);
    return Outbox.create(
        driver(FakeDriver.direct()).context(runtime),
        new OutboxSettings("t", "p", Publishing.TIMEOUT, 100_000),
        new Room(runtime, "t", 1_000_000, 100_000));
  }

  private static PendingSend handed(Outbox outbox) {
    PendingSend send = outbox.newSend(null, null, Headers.empty(), 0);
    outbox.ledger.append(send);
    assertThat(outbox.ledger.take()).isSameAs(send);
    assertThat(send.hand()).isTrue();
    return send;
  }

  private static void store(PendingSend send) {
    send.stored(() -> CompletableFuture.failedFuture(new IllegalStateException()));
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
