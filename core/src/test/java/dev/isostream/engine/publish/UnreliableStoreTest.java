package dev.isostream.engine.publish;

import static dev.isostream.engine.publish.Publishing.TIMEOUT;
import static dev.isostream.engine.publish.Publishing.driver;
import static dev.isostream.engine.publish.Publishing.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.SendFailedException;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeRecord;
import dev.isostream.engine.testing.FakeSink;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random schedules over a store that fails in part, loses replies, and lets requests land late.
 * What a receiver then sees is judged: each confirmed send once, no key out of order, no failed one
 * that was said not to be stored (contract P2, P3, P4).
 */
class UnreliableStoreTest {

  private static final int SEEDS = 150;
  private static final int SENDS = 150;

  private record Sent(String name, CompletableFuture<Receipt> future) {}

  /** What the store and its sink do. */
  private enum Store {
    /** Each record by itself, several appends at a time. */
    UNORDERED,
    /** One append at a time, in order; what fails takes the later ones with it. */
    IN_TURN,
    /** As that, and copies are refused by the highest number. */
    REFUSING
  }

  @ParameterizedTest
  @EnumSource
  void aReceiverSeesEachConfirmedSendOnceAndInOrder(Store store) {
    for (int seed = 0; seed < SEEDS; seed++) {
      new Run(seed, store).go();
    }
  }

  private static final class Run {
    private final int seed;
    private final Store store;
    private final SplittableRandom random;
    private final ManualRuntime runtime;
    private final FakeDriver driver;
    private final List<Sent> sent = new ArrayList<>();

    /** The stored log, and requests that are to land late. */
    private final List<FakeRecord> log = new ArrayList<>();

    private final List<FakeRecord> late = new ArrayList<>();

    /** For stores that refuse copies: the highest number by sink. */
    private final Map<String, Long> highest = new HashMap<>();

    Run(int seed, Store store) {
      this.seed = seed;
      this.store = store;
      this.random = new SplittableRandom(seed);
      this.runtime = new ManualRuntime(seed);
      DriverTraits traits =
          switch (store) {
            case UNORDERED -> FakeDriver.gated(4, 2 + random.nextInt(3));
            case IN_TURN -> FakeDriver.gated(4, 1);
            case REFUSING -> FakeDriver.strict(4);
          };
      this.driver = driver(traits).storing(false);
    }

    void go() {
      Producer<String> producer = open(driver, runtime);
      for (int i = 0; i < SENDS; i++) {
        int key = random.nextInt(5);
        String name = (key == 0 ? "-" : "k" + key) + ":" + i;
        Message<String> message = Message.of(name);
        sent.add(new Sent(name, producer.send(key == 0 ? message : message.key("k" + key))));
        while (random.nextInt(3) > 0) {
          disturb();
        }
      }
      CompletableFuture<Void> flush = producer.flush();
      for (int i = 0; i < 100_000 && !flush.isDone(); i++) {
        disturb();
      }
      assertThat(flush).as("seed %d: everything is decided", seed).isDone();
      log.addAll(late);
      judge();
    }

    private void disturb() {
      FakeSink sink = driver.sink();
      int what = random.nextInt(20);
      if (what == 0) {
        runtime.advance(Duration.ofMillis(random.nextInt(400)));
      } else if (what == 1 && !late.isEmpty()) {
        log.add(late.remove(random.nextInt(late.size())));
      } else if (what == 2 && random.nextInt(40) == 0) {
        runtime.advance(TIMEOUT.dividedBy(2));
      } else if (!sink.undecided().isEmpty()) {
        decide(sink);
      } else {
        runtime.advance(Duration.ofMillis(20));
      }
    }

    private void decide(FakeSink sink) {
      SinkRecord record = sink.take();
      FakeRecord written = written(record);
      switch (random.nextInt(12)) {
        case 0 -> failForNow(sink, record, false);
        case 1 -> { // stored, and the reply is lost
          store(sink, record, written);
          failForNow(sink, record, true);
        }
        case 2 -> { // lands late, or never
          if (store != Store.REFUSING && random.nextBoolean()) {
            late.add(written);
          }
          failForNow(sink, record, true);
        }
        case 3 -> {
          boolean lost = random.nextInt(10) == 0;
          fail(record, lost ? ErrorKind.FENCED : ErrorKind.AUTHORIZATION, lost);
        }
        default -> {
          store(sink, record, written);
          record.stored(() -> CompletableFuture.failedFuture(new IllegalStateException()));
        }
      }
    }

    /** Where an append is in order, what is behind it fails too. */
    private void failForNow(FakeSink sink, SinkRecord record, boolean maybeStored) {
      List<SinkRecord> behind = new ArrayList<>();
      while (store != Store.UNORDERED && !sink.undecided().isEmpty()) {
        behind.add(sink.take());
      }
      fail(record, ErrorKind.UNAVAILABLE, maybeStored);
      for (SinkRecord later : behind) {
        fail(later, ErrorKind.UNAVAILABLE, false);
      }
    }

    private void store(FakeSink sink, SinkRecord record, FakeRecord written) {
      String producer = sink.spec().producerId();
      if (store != Store.REFUSING || highest.getOrDefault(producer, -1L) < record.sequence()) {
        highest.put(producer, record.sequence());
        log.add(written);
      }
    }

    private static FakeRecord written(SinkRecord record) {
      return new FakeRecord("0", 0, null, record.key(), record.payload(), record.headers());
    }

    private static void fail(SinkRecord record, ErrorKind kind, boolean maybeStored) {
      record.failed(kind, maybeStored, new DriverException(kind, "meant to fail", null));
    }

    private void judge() {
      DuplicateFilter filter = new DuplicateFilter(store == Store.REFUSING ? 0 : 1000);
      Map<String, Integer> seen = new HashMap<>();
      Map<String, Integer> last = new HashMap<>();
      for (FakeRecord record : log) {
        if (filter.isCopy(record)) {
          continue;
        }
        String name = name(record);
        seen.merge(name, 1, Integer::sum);
        if (record.key() != null) {
          int number = Integer.parseInt(name.substring(3));
          Integer before = last.put(name.substring(0, 2), number);
          assertThat(before == null || before < number)
              .as("seed %d: %s behind %s", seed, name, before)
              .isTrue();
        }
      }
      for (Sent one : sent) {
        int times = seen.getOrDefault(one.name, 0);
        @Nullable SendFailedException failure = failure(one.future);
        if (failure == null) {
          assertThat(times).as("seed %d: %s is confirmed", seed, one.name).isEqualTo(1);
        } else if (!failure.isMaybeStored()) {
          assertThat(times).as("seed %d: %s is not stored", seed, one.name).isZero();
        } else {
          assertThat(times).as("seed %d: %s is maybe stored", seed, one.name).isLessThan(2);
        }
      }
    }

    private static String name(FakeRecord record) {
      return new String(Objects.requireNonNull(record.payload()), StandardCharsets.UTF_8);
    }

    private static @Nullable SendFailedException failure(CompletableFuture<Receipt> future) {
      return future.handle((receipt, e) -> (SendFailedException) e).join();
    }
  }
}
