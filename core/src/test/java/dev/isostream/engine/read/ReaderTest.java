package dev.isostream.engine.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.AuthorizationException;
import dev.isostream.BackendException;
import dev.isostream.ClosedException;
import dev.isostream.Codecs;
import dev.isostream.DecodeException;
import dev.isostream.Headers;
import dev.isostream.InterruptedOperationException;
import dev.isostream.InvalidPositionException;
import dev.isostream.InvalidRequestException;
import dev.isostream.Limits;
import dev.isostream.MemberListener;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.PositionRemovedException;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder.Removed;
import dev.isostream.ReaderBuilder.Undecodable;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.TopicNotFoundException;
import dev.isostream.core.SystemRuntime;
import dev.isostream.engine.ReaderSettings;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeLog;
import dev.isostream.engine.testing.FakeRecord;
import dev.isostream.engine.testing.ManualRuntime;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reading without a group (contract R1 to R6). */
class ReaderTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration NONE = Duration.ZERO;

  private final SystemRuntime runtime = new SystemRuntime();
  private final FakeDriver driver = new FakeDriver(FakeDriver.direct(), Limits.builder().build());
  private final FakeLog log = driver.log();
  private final List<String> told = new ArrayList<>();

  private final MemberListener listener =
      new MemberListener() {
        @Override
        public void gap(String partition, Position expected, @Nullable Position continuedAt) {
          told.add(partition + " " + expected + " -> " + continuedAt);
        }

        @Override
        public void failed(MessagingException cause) {
          told.add(cause.getClass().getSimpleName());
        }

        @Override
        public void partitionsChanged(Set<String> before, Set<String> after) {
          told.add("partitions " + after.size());
          throw new IllegalStateException("a listener may throw");
        }
      };

  @AfterEach
  void close() {
    runtime.close();
  }

  private Reader<String> open(StartAt start) {
    return open(start, null, false, Removed.FAIL, Undecodable.FAIL);
  }

  private Reader<String> open(
      StartAt start,
      @Nullable Set<String> partitions,
      boolean untilEnd,
      Removed removed,
      Undecodable undecodable) {
    return Readers.open(
        driver.context(runtime),
        new ReaderSettings<>(
            Topic.of("t", Codecs.utf8()),
            start,
            partitions,
            untilEnd,
            removed,
            undecodable,
            List.of(listener)));
  }

  private static List<String> texts(List<Received<String>> messages) {
    return messages.stream().map(Received::payload).toList();
  }

  private static List<String> readAll(Reader<String> reader) {
    List<String> all = new ArrayList<>();
    for (Optional<Received<String>> one = reader.read(NONE);
        one.isPresent();
        one = reader.read(NONE)) {
      all.add(one.get().payload());
    }
    return all;
  }

  private static Position at(long offset) {
    return Position.parse("fake:t/0@" + offset);
  }

  @Test
  void startsAnywhere() {
    log.add("0", "a", "b", "c", "d", "e");
    log.removeBefore("0", 1);
    assertThat(readAll(open(StartAt.earliest()))).containsExactly("b", "c", "d", "e");
    assertThat(readAll(open(StartAt.at(at(3))))).containsExactly("d", "e");
    assertThat(readAll(open(StartAt.after(at(3))))).containsExactly("e");
    assertThat(readAll(open(StartAt.timestamp(Instant.EPOCH.plusMillis(2)))))
        .containsExactly("c", "d", "e");
    Reader<String> latest = open(StartAt.latest());
    assertThat(readAll(latest)).isEmpty();
    log.add("0", "f");
    assertThat(readAll(latest)).containsExactly("f");
  }

  @Test
  void positionsHoldInTheirPartitionAndOthersStartAtTheirEarliest() {
    log.addPartition("1");
    log.add("0", "a0", "a1");
    log.add("1", "b0", "b1");
    assertThat(readAll(open(StartAt.at(at(1))))).containsExactlyInAnyOrder("a1", "b0", "b1");
    assertThat(readAll(open(StartAt.at(at(1)), Set.of("0"), false, Removed.FAIL, Undecodable.FAIL)))
        .containsExactly("a1");
    assertThat(
            readAll(open(StartAt.earliest(), Set.of("1"), false, Removed.FAIL, Undecodable.FAIL)))
        .containsExactly("b0", "b1");
  }

  @Test
  void refusesWhatDoesNotBelongHere() {
    log.add("0", "a");
    for (String foreign : List.of("other:t/0@0", "fake:u/0@0", "fake:t/9@0")) {
      assertThatThrownBy(() -> open(StartAt.at(Position.parse(foreign))))
          .isInstanceOf(InvalidPositionException.class)
          .hasMessageContaining(foreign);
    }
    assertThatThrownBy(
            () -> open(StartAt.earliest(), Set.of("9"), false, Removed.FAIL, Undecodable.FAIL))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("\"9\"");
    Reader<String> reader = open(StartAt.earliest());
    assertThatThrownBy(() -> reader.read(Duration.ofMillis(-1)))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> reader.readBatch(0, NONE)).isInstanceOf(InvalidRequestException.class);
    log.exists(false);
    assertThatThrownBy(() -> open(StartAt.earliest())).isInstanceOf(TopicNotFoundException.class);
    driver.refuse(new DriverException(ErrorKind.AUTHORIZATION, "no", null));
    log.exists(true);
    assertThatThrownBy(() -> open(StartAt.earliest())).isInstanceOf(AuthorizationException.class);
  }

  @Test
  void readsInBatchesAndWaitsForMore() throws Exception {
    log.add("0", "a", "b", "c", "d");
    Reader<String> reader = open(StartAt.earliest());
    assertThat(texts(reader.readBatch(2, LONG))).containsExactly("a", "b");
    assertThat(texts(reader.readBatch(10, LONG))).containsExactly("c");
    assertThat(texts(reader.readBatch(10, LONG))).containsExactly("d");
    CompletableFuture<List<Received<String>>> waiting =
        CompletableFuture.supplyAsync(() -> reader.readBatch(10, LONG));
    awaitPolling();
    log.add("0", "e");
    assertThat(texts(waiting.get(20, TimeUnit.SECONDS))).containsExactly("e");
  }

  private void awaitPolling() {
    while (log.sources().stream().noneMatch(source -> source.isPolling())) {
      Thread.onSpinWait();
    }
  }

  @Test
  void endsWhereTheEndWasAtTheOpeningWhateverTheTailIs() {
    log.add("0", "a", "b");
    log.addMarker("0");
    Reader<String> reader = open(StartAt.earliest(), null, true, Removed.FAIL, Undecodable.FAIL);
    log.add("0", "late");
    assertThat(reader.isAtEnd()).isFalse();
    List<String> all = new ArrayList<>();
    for (Received<String> message : reader) {
      all.add(message.payload());
    }
    assertThat(all).containsExactly("a", "b");
    assertThat(reader.isAtEnd()).isTrue();
    assertThat(reader.read(LONG)).isEmpty();
    reader.seek(StartAt.at(at(1)));
    assertThat(reader.isAtEnd()).isFalse();
    assertThat(reader.stream().map(Received::payload)).containsExactly("b");
    assertThat(reader.isAtEnd()).isTrue();
  }

  @Test
  void anEmptyTopicIsAtItsEndAndCaughtUp() {
    Reader<String> bounded = open(StartAt.earliest(), null, true, Removed.FAIL, Undecodable.FAIL);
    assertThat(bounded.isAtEnd()).isTrue();
    assertThat(bounded.read(LONG)).isEmpty();
    Reader<String> reader = open(StartAt.earliest());
    assertThat(reader.isCaughtUp()).isTrue();
    assertThat(reader.isAtEnd()).isFalse();
  }

  @Test
  void knowsWhenItHasCaughtUp() {
    log.add("0", "a", "b");
    Reader<String> reader = open(StartAt.earliest());
    assertThat(reader.isCaughtUp()).isFalse();
    assertThat(reader.read(NONE)).isPresent();
    assertThat(reader.isCaughtUp()).isFalse();
    assertThat(reader.read(NONE)).isPresent();
    log.addMarker("0");
    assertThat(reader.isCaughtUp()).isTrue();
    log.add("0", "c");
    assertThat(reader.isCaughtUp()).isFalse();
    assertThat(readAll(reader)).containsExactly("c");
  }

  @Test
  void seeksWhileRunning() throws Exception {
    log.add("0", "a", "b", "c", "d", "e");
    Reader<String> reader = open(StartAt.earliest());
    assertThat(reader.read(NONE)).isPresent();
    reader.seek(StartAt.at(at(3)));
    assertThat(readAll(reader)).containsExactly("d", "e");
    CompletableFuture<List<Received<String>>> waiting =
        CompletableFuture.supplyAsync(() -> reader.readBatch(10, LONG));
    awaitPolling();
    reader.seek(StartAt.after(at(0)));
    assertThat(texts(waiting.get(20, TimeUnit.SECONDS))).containsExactly("b", "c", "d");
  }

  @Test
  void aRemovedPlaceFailsNamingTheEarliestUntilItSeeks() {
    log.add("0", "a", "b", "c", "d");
    log.removeBefore("0", 2);
    Reader<String> reader = open(StartAt.at(at(0)));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> reader.read(NONE))
          .isInstanceOfSatisfying(
              PositionRemovedException.class,
              e -> {
                assertThat(e.requested()).contains(at(0));
                assertThat(e.earliest()).contains(at(2));
              });
    }
    reader.seek(StartAt.earliest());
    assertThat(readAll(reader)).containsExactly("c", "d");
    assertThat(told).isEmpty();
  }

  @Test
  void goesOnBehindWhatWasRemovedAndSaysSo() {
    log.add("0", "a", "b", "c", "d", "e", "f");
    Reader<String> reader =
        open(StartAt.earliest(), null, false, Removed.CONTINUE, Undecodable.FAIL);
    assertThat(reader.read(NONE).orElseThrow().payload()).isEqualTo("a");
    log.removeBefore("0", 5);
    assertThat(readAll(reader)).containsExactly("b", "c");
    assertThat(reader.read(LONG).orElseThrow().payload()).isEqualTo("f");
    assertThat(told).containsExactly("0 fake:t/0@2 -> fake:t/0@5");
  }

  @Test
  void aTopicMadeAnewCountsAsRemoved() {
    log.incarnation("second");
    log.add("0", "a", "b");
    Reader<String> reader = open(StartAt.at(Position.parse("fake:t/0@1~first")));
    assertThatThrownBy(() -> reader.read(NONE)).isInstanceOf(PositionRemovedException.class);
  }

  @Test
  void whatDoesNotDecodeFailsAndIsSteppedOver() {
    log.add("0", "a");
    log.add("0", "k", null, Headers.empty());
    log.add("0", "c");
    Reader<String> reader = open(StartAt.earliest());
    assertThat(texts(reader.readBatch(10, NONE))).containsExactly("a");
    assertThatThrownBy(() -> reader.readBatch(10, NONE))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("fake:t/0@1");
    assertThat(texts(reader.readBatch(10, NONE))).containsExactly("c");
  }

  @Test
  void whatDoesNotDecodeComesRawWhereThatIsWanted() {
    log.add("0", "k", null, Headers.empty());
    log.add("0", "b");
    Reader<String> reader = open(StartAt.earliest(), null, false, Removed.FAIL, Undecodable.RAW);
    List<Received<String>> both = reader.readBatch(10, NONE);
    assertThat(both.get(0).body()).isEmpty();
    assertThat(both.get(0).key()).contains("k");
    assertThatThrownBy(() -> both.get(0).payload()).isInstanceOf(DecodeException.class);
    assertThat(both.get(1).payload()).isEqualTo("b");
  }

  @Test
  void outlivesTheBrokersRestart() {
    log.add("0", "a", "b");
    Reader<String> reader = open(StartAt.earliest());
    assertThat(reader.read(NONE)).isPresent();
    assertThat(reader.read(NONE)).isPresent();
    log.fail(new DriverException(ErrorKind.UNAVAILABLE, "down", null));
    assertThat(reader.read(Duration.ofMillis(200))).isEmpty();
    assertThat(told).contains("BrokerUnavailableException");
    log.fail(null);
    log.add("0", "c");
    assertThat(reader.read(LONG).orElseThrow().payload()).isEqualTo("c");
    assertThat(log.opened()).isEqualTo(1);
  }

  @Test
  void aSourceThatCanNotGoOnIsReplaced() {
    log.add("0", "a", "b");
    Reader<String> reader = open(StartAt.earliest());
    assertThat(reader.read(NONE).orElseThrow().payload()).isEqualTo("a");
    assertThat(reader.read(NONE).orElseThrow().payload()).isEqualTo("b");
    log.fail(new DriverException(ErrorKind.UNKNOWN, "odd", null));
    assertThatThrownBy(() -> reader.read(NONE)).isInstanceOf(BackendException.class);
    assertThat(log.sources().get(0).isClosed()).isTrue();
    driver.refuse(new DriverException(ErrorKind.UNAVAILABLE, "down", null));
    log.fail(null);
    log.add("0", "c");
    assertThat(reader.read(Duration.ofMillis(100))).isEmpty();
    driver.refuse(null);
    assertThat(reader.read(LONG).orElseThrow().payload()).isEqualTo("c");
    assertThat(log.opened()).isEqualTo(2);
  }

  @Test
  void interruptsEndTheWaitAndTakeNothing() throws Exception {
    Reader<String> reader = open(StartAt.earliest());
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                reader.read(LONG);
              } catch (InterruptedOperationException e) {
                failure.complete(
                    Thread.currentThread().isInterrupted() ? e : new AssertionError("no flag"));
              }
            });
    thread.start();
    awaitPolling();
    thread.interrupt();
    assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedOperationException.class);
    log.add("0", "a");
    assertThat(readAll(reader)).containsExactly("a");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> reader.read(LONG)).isInstanceOf(InterruptedOperationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void closeWakesTheCallThatWaits() throws Exception {
    Reader<String> reader = open(StartAt.earliest());
    CompletableFuture<Optional<Received<String>>> waiting =
        CompletableFuture.supplyAsync(() -> reader.read(LONG));
    awaitPolling();
    reader.close();
    assertThat(waiting.get(20, TimeUnit.SECONDS)).isEmpty();
    assertThat(log.sources().get(0).isClosed()).isTrue();
    reader.close();
    assertThatThrownBy(() -> reader.read(NONE)).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> reader.seek(StartAt.earliest())).isInstanceOf(ClosedException.class);
    assertThatThrownBy(reader::isCaughtUp).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> reader.iterator().hasNext()).isInstanceOf(ClosedException.class);
  }

  @Test
  void aListenerMayCloseIt() {
    log.add("0", "a");
    List<Reader<String>> reader = new ArrayList<>();
    MemberListener closing =
        new MemberListener() {
          @Override
          public void gap(String partition, Position expected, @Nullable Position continuedAt) {
            reader.get(0).close();
          }
        };
    log.add("0", "b", "c");
    log.removeBefore("0", 2);
    reader.add(
        Readers.open(
            driver.context(runtime),
            new ReaderSettings<>(
                Topic.of("t", Codecs.utf8()),
                StartAt.at(at(0)),
                null,
                false,
                Removed.CONTINUE,
                Undecodable.FAIL,
                List.of(closing))));
    assertThat(reader.get(0).read(LONG)).isEmpty();
    assertThat(log.sources().get(0).isClosed()).isTrue();
  }

  @Test
  void findsPartitionsThatAppearLater() {
    ManualRuntime manual = new ManualRuntime(1);
    log.add("0", "a");
    Reader<String> reader =
        Readers.open(
            driver.context(manual),
            new ReaderSettings<>(
                Topic.of("t", Codecs.utf8()),
                StartAt.earliest(),
                null,
                false,
                Removed.FAIL,
                Undecodable.FAIL,
                List.of(listener)));
    assertThat(readAll(reader)).containsExactly("a");
    log.addPartition("1");
    log.add("1", "b");
    log.add("0", "c");
    manual.advance(Duration.ofMinutes(1));
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      found.addAll(readAll(reader));
    }
    assertThat(found).containsExactlyInAnyOrder("b", "c");
    assertThat(told).containsExactly("partitions 2");
  }

  @Test
  void leavesOutSecondCopiesReadingBackForThemWhereItStartsInMidStream() {
    FakeDriver loose =
        new FakeDriver(FakeDriver.gated(1, 1), Limits.builder().duplicateWindow(3).build());
    FakeLog copies = loose.log();
    copies.add("0", "k", "a", FakeRecord.ids("p", "0"));
    copies.add("0", "k", "b", FakeRecord.ids("p", "2"));
    copies.add("0", "k", "b", FakeRecord.ids("p", "2"));
    copies.add("0", "k", "late", FakeRecord.ids("p", "1"));
    copies.add("0", "k", "c", FakeRecord.ids("p", "3"));
    assertThat(read(loose, StartAt.earliest())).containsExactly("a", "b", "c");
    assertThat(read(loose, StartAt.at(at(2)))).containsExactly("c");
    copies.removeBefore("0", 1);
    assertThat(read(loose, StartAt.at(at(2)))).containsExactly("c");
    assertThat(read(loose, StartAt.after(at(3)))).containsExactly("c");
    Reader<String> removed = openLoose(loose, StartAt.at(at(0)));
    assertThatThrownBy(() -> removed.read(NONE)).isInstanceOf(PositionRemovedException.class);
  }

  private List<String> read(FakeDriver from, StartAt start) {
    Reader<String> reader = openLoose(from, start);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.addAll(readAll(reader));
    }
    return all;
  }

  private Reader<String> openLoose(FakeDriver from, StartAt start) {
    return Readers.open(
        from.context(runtime),
        new ReaderSettings<>(
            Topic.of("t", Codecs.utf8()),
            start,
            null,
            false,
            Removed.FAIL,
            Undecodable.FAIL,
            List.of(listener)));
  }
}
