package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isostream.ClosedException;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.StaleDeliveryException;
import dev.isostream.Subscription;
import dev.isostream.spi.Lane;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Ways to end a member at awkward moments (contract F4, F6). */
class ClosingTest {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final MemberBench bench = new MemberBench();

  @Test
  void aListenerMayCloseItsMember() {
    AtomicReference<@Nullable Consumer<String>> member = new AtomicReference<>();
    bench.listeners.add(
        new MemberListener() {
          @Override
          public void attemptFailed(MessageInfo message, int attempt, @Nullable Throwable cause) {
            Consumer<String> known = member.get();
            if (known != null) {
              known.close();
            }
          }
        });
    assertTimeoutPreemptively(
        PATIENCE,
        () -> {
          Consumer<String> consumer = bench.pull();
          member.set(consumer);
          bench.add("k", "a");
          bench.run();
          bench.receive(consumer, 1).get(0).nack();
          bench.run();
          assertTrue(consumer.stopped().toCompletableFuture().isDone());
          assertTrue(bench.source().isClosed());
        });
  }

  @Test
  void whatHangsOnASettlementMayCloseItsMember() {
    assertTimeoutPreemptively(
        PATIENCE,
        () -> {
          Consumer<String> consumer = bench.pull();
          bench.add("k", "a");
          bench.run();
          var unused = bench.receive(consumer, 1).get(0).ack().thenRun(consumer::close);
          bench.run();
          assertTrue(consumer.stopped().toCompletableFuture().isDone());
        });
  }

  @Test
  void aListenersErrorHarmsNothing() {
    bench.listeners.add(
        new MemberListener() {
          @Override
          public void attemptFailed(MessageInfo message, int attempt, @Nullable Throwable cause) {
            throw new AssertionError("meant to be thrown");
          }
        });
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    bench.receive(consumer, 1).get(0).nack();
    bench.run();
    bench.advance(Duration.ofSeconds(2));
    assertEquals(2, bench.receive(consumer, 1).get(0).attempt());
  }

  @Test
  void aMemberThatIsClosedWhileALaneIsRevokedLeavesAfterTheCallback() {
    Subscription member = bench.push(delivery -> {}, bench.tasks::add);
    bench.add("k", "a");
    bench.run();
    Lane lane = MemberBench.lane(1);
    bench
        .source()
        .tell(
            listener -> {
              listener.revoking(lane);
              SimulatedMembers.close(member, PATIENCE);
              bench.pace(Duration.ofMillis(1));
              assertTrue(listener.awaitReleases(Duration.ofSeconds(20)));
              bench.pace(Duration.ZERO);
            });
    bench.run();
    assertEquals(List.of(lane), bench.source().released());
    assertTrue(bench.source().isClosed());
    assertFalse(bench.source().wasClosedInPoll(), "closed inside the source's own callback");
    assertTrue(member.stopped().toCompletableFuture().isDone());
  }

  @Test
  void aCumulativeAckAfterTheEndIsStale() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> delivery = bench.receive(consumer, 1).get(0);
    SimulatedMembers.close(consumer, Duration.ZERO);
    bench.run();
    bench.advance(MemberBench.DRAIN_LIMIT);
    assertTrue(consumer.stopped().toCompletableFuture().isDone());
    assertStale(delivery.ackCumulative());
    assertStale(delivery.ack());
  }

  @Test
  void aDrainThatTheEndCutsShortIsDecided() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    bench.receive(consumer, 1);
    CompletionStage<Void> drained = consumer.drain();
    bench.run();
    assertFalse(drained.toCompletableFuture().isDone());
    SimulatedMembers.close(consumer, Duration.ZERO);
    bench.run();
    bench.advance(MemberBench.DRAIN_LIMIT);
    assertTrue(consumer.stopped().toCompletableFuture().isDone());
    CompletionException e = assertThrows(CompletionException.class, () -> MemberBench.now(drained));
    assertInstanceOf(ClosedException.class, e.getCause());
  }

  @Test
  void whatIsAskedForAfterTheEndIsRefused() {
    Consumer<String> consumer = bench.pull();
    SimulatedMembers.close(consumer, PATIENCE);
    bench.run();
    CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(consumer, 1);
    CompletionException e = assertThrows(CompletionException.class, () -> MemberBench.now(asked));
    assertInstanceOf(ClosedException.class, e.getCause());
  }

  @Test
  void aLimitOfNothingIsForWhatIsInHandNotForStoring() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> delivery = bench.receive(consumer, 1).get(0);
    bench.source().holding(true);
    CompletionStage<?> acked = delivery.ack();
    SimulatedMembers.close(consumer, Duration.ZERO);
    bench.advance(Duration.ofSeconds(1));
    assertFalse(bench.source().isClosed(), "left before the ack was stored");
    bench.source().answer();
    bench.run();
    bench.source().answer();
    bench.run();
    MemberBench.now(acked);
    MemberBench.now(consumer.stopped());
  }

  @Test
  void aBrokerThatIsSlowToStoreLeavesNoSuspects() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.add("l", "b");
    bench.run();
    bench.receive(consumer, 2);
    bench.source().holding(true);
    SimulatedMembers.close(consumer, Duration.ZERO);
    bench.advance(MemberBench.DRAIN_LIMIT.dividedBy(4).plusSeconds(1));
    assertFalse(bench.source().isClosed(), "left before its note was taken back");
    bench.source().answer();
    bench.run();
    MemberBench.now(consumer.stopped());
  }

  @Test
  void aBrokerThatNeverStoresDoesNotHoldUpTheEndForEver() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    bench.receive(consumer, 1);
    bench.source().holding(true);
    SimulatedMembers.close(consumer, Duration.ZERO);
    bench.advance(MemberBench.DRAIN_LIMIT);
    MemberBench.now(consumer.stopped());
  }

  @Test
  void forEverIsATimeLimit() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> delivery = bench.receive(consumer, 1).get(0);
    SimulatedMembers.close(consumer, ChronoUnit.FOREVER.getDuration());
    bench.advance(Duration.ofHours(1));
    CompletableFuture<Void> stopped = consumer.stopped().toCompletableFuture();
    assertFalse(stopped.isDone(), "did not wait for what is in hand");
    delivery.ack();
    bench.run();
    MemberBench.now(stopped);
  }

  static void assertStale(CompletionStage<?> stage) {
    CompletionException e = assertThrows(CompletionException.class, () -> MemberBench.now(stage));
    assertInstanceOf(StaleDeliveryException.class, e.getCause());
  }
}
