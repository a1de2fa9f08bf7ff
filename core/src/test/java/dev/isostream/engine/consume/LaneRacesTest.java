package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Headers;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.Subscription;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeRecord;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What happens at once on one lane: settlements, commits, moves, dead letters. */
class LaneRacesTest {

  private MemberBench bench = new MemberBench();

  @Test
  void aCommitThatTheSourceThrowsOutIsTriedAgain() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> delivery = bench.receive(consumer, 1).get(0);
    bench.source().commitThrows(new DriverException(ErrorKind.UNAVAILABLE, "meant to fail", null));
    CompletionStage<Settlement> acked = delivery.ack();
    bench.run();
    assertFalse(acked.toCompletableFuture().isDone());
    bench.advance(Duration.ofSeconds(5));
    assertEquals(Settlement.DONE, MemberBench.now(acked));
  }

  @Test
  void aCommitInFlightWhenItsLaneIsLostDecidesItsSettlements() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a", "b");
    bench.run();
    List<Delivery<String>> both = bench.receive(consumer, 2);
    bench.source().holding(true);
    CompletionStage<Settlement> inFlight = both.get(0).ack();
    bench.run();
    CompletionStage<Settlement> waiting = both.get(1).ack();
    bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
    bench.run();
    ClosingTest.assertStale(waiting);
    bench.source().answer();
    bench.run();
    assertEquals(Settlement.DONE, MemberBench.now(inFlight), "it was stored under its epoch");
  }

  @Test
  void aLaneThatOnlyACommitShowsToBeLostIsNotReadAnyMore() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> delivery = bench.receive(consumer, 1).get(0);
    bench.source().fence(MemberBench.lane(1));
    CompletionStage<Settlement> acked = delivery.ack();
    bench.advance(Duration.ofSeconds(1));
    ClosingTest.assertStale(acked);
    assertEquals(Set.of(), bench.source().reading(), "nothing would pause it");
    bench.source().assign("0", 2);
    bench.run();
    assertEquals("a", bench.receive(consumer, 1).get(0).payload());
  }

  @Test
  void whatIsSettledOfALaneThatCameBackSettlesNothingThere() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a", "b");
    bench.run();
    Delivery<String> old = bench.receive(consumer, 1).get(0);
    bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
    bench.source().assign("0", 2);
    bench.run();
    ClosingTest.assertStale(old.ack());
    List<Delivery<String>> again = bench.receive(consumer, 2);
    assertEquals(List.of("a", "b"), again.stream().map(Delivery::payload).toList());
  }

  @Test
  void aGoneLanesWaitsAreForgotten() {
    bench.log().addPartition("1");
    bench.assigned = List.of("0", "1");
    Consumer<String> consumer = bench.pull();
    bench.log().add("0", "k", "a", Headers.empty());
    bench.log().add("1", "l", "b", Headers.empty());
    bench.run();
    for (Delivery<String> delivery : bench.receive(consumer, 2)) {
      boolean first = delivery.partition().equals("0");
      delivery.nack(Duration.ofHours(first ? 2 : 1));
    }
    bench.run();
    Settler<String> settler = ((PullMember<String>) consumer).loop.settler();
    assertEquals(2, settler.waiting());
    bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
    bench.run();
    assertEquals(1, settler.waiting(), "keeps what belongs to a lane that is gone");
  }

  @Test
  void aHandlerThatNackedAndRunsOnIsToldThatItsLaneIsLost() {
    List<Boolean> interrupted = new ArrayList<>();
    Subscription member =
        bench.push(
            delivery -> {
              delivery.nack();
              bench.run();
              bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
              bench.run();
              interrupted.add(Thread.interrupted());
            },
            bench.tasks::add);
    bench.add("k", "a");
    bench.run();
    bench.work();
    assertEquals(List.of(true), interrupted);
    assertTrue(member.failure().isEmpty());
  }

  @Test
  void mailEndsTheRestOfAPollWhoseCallbackWaited() {
    Subscription member = bench.push(delivery -> {}, bench.tasks::add);
    bench
        .source()
        .tell(
            listener -> {
              listener.revoking(MemberBench.lane(1));
              bench.pace(Duration.ofMillis(1));
              int before = bench.source().wakeups();
              assertTrue(listener.awaitReleases(Duration.ofSeconds(20)));
              bench.pace(Duration.ZERO);
              assertTrue(bench.source().wakeups() > before, "would wait on, deaf to its mail");
            });
    bench.run();
    assertTrue(member.failure().isEmpty(), () -> member.failure().toString());
    assertEquals(List.of(MemberBench.lane(1)), bench.source().released());
  }

  @Test
  void aDelayMayBeForEver() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.add("l", "b");
    bench.run();
    List<Delivery<String>> both = bench.receive(consumer, 2);
    both.get(0).nack(ChronoUnit.FOREVER.getDuration());
    bench.run();
    bench.advance(Duration.ofDays(1));
    assertTrue(consumer.failure().isEmpty(), () -> consumer.failure().toString());
    assertEquals(Settlement.DONE, settled(both.get(1).ack()));
  }

  @Test
  void aCumulativeAckLeavesAloneWhatIsOnItsWayToTheDeadLetterTopic() {
    bench.deadLetterTopic = "t";
    bench.retry = Retry.fixed(Duration.ofSeconds(1)).maxAttempts(1);
    bench.driver.storing(false);
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a", "b", "c");
    bench.run();
    // A death with the first alone in hand: it comes to the next member with its attempts used up.
    Delivery<String> first = bench.receive(consumer, 1).get(0);
    assertEquals("a", first.payload());
    bench.advance(Duration.ofSeconds(1));
    MemberBench heir = new MemberBench(FakeDriver.direct(), 8);
    heir.deadLetterTopic = "t";
    heir.retry = bench.retry;
    heir.driver.storing(false);
    heir.source().stored().putAll(bench.source().stored());
    heir.add("k", "a");
    heir.add("l", "b", "c");
    Consumer<String> next = heir.pull();
    heir.run();
    List<Delivery<String>> rest = heir.receive(next, 2);
    assertEquals(List.of("b", "c"), rest.stream().map(Delivery::payload).toList());
    CompletionStage<Settlement> all = rest.get(1).ackCumulative();
    heir.run();
    assertEquals(Settlement.DONE, settled(heir, all));
    heir.driver.sink().storing(true);
    heir.driver.sink().storeAll();
    heir.run();
    heir.add("m", "d", "e");
    heir.run();
    List<Delivery<String>> more = heir.receive(next, 2);
    assertEquals(List.of("d", "e"), more.stream().map(Delivery::payload).toList());
    more.forEach(Delivery::ack);
    heir.advance(Duration.ofSeconds(1));
    assertEquals(0, ((PullMember<String>) next).loop.flow().openMessages());
    assertEquals(0, ((PullMember<String>) next).loop.lanes().active().get(0).failing);
  }

  @Test
  void aCumulativeAckLeavesAloneWhatFailedAndWaits() {
    bench.retry = Retry.fixed(Duration.ofSeconds(30)).forever();
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.add("l", "b", "c");
    bench.run();
    List<Delivery<String>> all = bench.receive(consumer, 3);
    all.get(0).nack();
    CompletionStage<Settlement> rest = all.get(2).ackCumulative();
    bench.run();
    assertEquals(Settlement.DONE, settled(rest));
    bench.advance(Duration.ofSeconds(40));
    Delivery<String> again = bench.receive(consumer, 1).get(0);
    assertEquals("a", again.payload());
    assertEquals(2, again.attempt());
  }

  @Test
  void aCumulativeAckLeavesAloneWhatFailedElsewhereAndWaits() {
    bench.retry = Retry.fixed(Duration.ofSeconds(30)).forever();
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.add("l", "b", "c");
    bench.run();
    bench.receive(consumer, 1).get(0).nack();
    bench.advance(Duration.ofSeconds(1));
    bench.source().tell(listener -> listener.revoking(MemberBench.lane(1)));
    bench.advance(Duration.ofSeconds(1));
    bench.source().assign("0", 2);
    bench.run();
    List<Delivery<String>> rest = bench.receive(consumer, 2);
    assertEquals(List.of("b", "c"), rest.stream().map(Delivery::payload).toList());
    CompletionStage<Settlement> all = rest.get(1).ackCumulative();
    bench.run();
    assertEquals(Settlement.DONE, settled(all));
    bench.advance(Duration.ofSeconds(40));
    Delivery<String> again = bench.receive(consumer, 1).get(0);
    assertEquals("a", again.payload());
    assertEquals(2, again.attempt());
  }

  @Test
  void aDelayThatMovesWithItsLaneIsNotShortened() {
    bench.retry = Retry.fixed(Duration.ofSeconds(30)).forever();
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    bench.receive(consumer, 1).get(0).nack();
    long due = bench.nanoTime() + Duration.ofSeconds(30).toNanos();
    bench.advance(Duration.ofSeconds(1).plusNanos(400_001)); // no whole milliseconds are left
    bench.source().tell(listener -> listener.revoking(MemberBench.lane(1)));
    bench.run();
    bench.source().assign("0", 2);
    bench.run();
    CompletionStage<List<Delivery<String>>> again = SimulatedMembers.receive(consumer, 1);
    bench.advance(Duration.ofNanos(due - 1 - bench.nanoTime()));
    assertFalse(again.toCompletableFuture().isDone());
    bench.advance(Duration.ofSeconds(2));
    assertEquals(2, MemberBench.now(again).get(0).attempt());
  }

  @Test
  void aDeadLetterOnItsWayWhenItsLaneIsLostIsStale() {
    bench.deadLetterTopic = "t";
    bench.driver.storing(false);
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    CompletionStage<Settlement> given = bench.receive(consumer, 1).get(0).deadLetter("no use");
    bench.run();
    assertFalse(given.toCompletableFuture().isDone());
    bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
    bench.run();
    ClosingTest.assertStale(given);
  }

  @Test
  void aDeadLetterOnItsWayWhenItsLaneMovesWaitsForNothingAtTheNextOwner() {
    useUpAttempts(bench);
    bench.driver.storing(false);
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a", "b");
    bench.run();
    bench.receive(consumer, 1).get(0).nack();
    bench.run();
    bench.source().tell(listener -> listener.revoking(MemberBench.lane(1)));
    bench.advance(MemberBench.DRAIN_LIMIT.plusSeconds(1));
    assertEquals(List.of(MemberBench.lane(1)), bench.source().released());
    MemberBench heir = new MemberBench(FakeDriver.direct(), 8);
    useUpAttempts(heir);
    heir.source().stored().putAll(bench.source().stored());
    bench.log().copyTo(heir.log());
    Consumer<String> next = heir.pull();
    heir.advance(Duration.ofSeconds(1));
    assertEquals(1, heir.driver.sink().records().size(), "waits for ever");
    assertEquals("b", heir.receive(next, 1).get(0).payload());
  }

  private static void useUpAttempts(MemberBench on) {
    on.deadLetterTopic = "t";
    on.retry = Retry.fixed(Duration.ofSeconds(1)).maxAttempts(1);
  }

  @Test
  void whatWasSettledBehindTheWatermarkIsKnownWhenItsCopyComes() {
    bench = new MemberBench(copies(), 7);
    Consumer<String> consumer = bench.pull();
    bench.log().add("0", "k", "a", FakeRecord.ids("p", "1"));
    bench.log().add("0", "l", "b", FakeRecord.ids("p", "2"));
    bench.run();
    List<Delivery<String>> both = bench.receive(consumer, 2);
    assertEquals(Settlement.DONE, settled(both.get(1).ack()));
    bench.log().add("0", "l", "b", FakeRecord.ids("p", "2"));
    bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
    bench.source().assign("0", 2);
    bench.run();
    List<Delivery<String>> again = bench.receive(consumer, 3);
    assertEquals(List.of("a"), again.stream().map(Delivery::payload).toList());
  }

  private static DriverTraits copies() {
    var direct = FakeDriver.direct();
    return new DriverTraits(true, true, false, false, true, direct.cursorBytes(), 1000, 5);
  }

  @Test
  void aClosedExecutorsRunsAreTakenBackWhenTheLaneMoves() {
    List<String> seen = new ArrayList<>();
    Subscription member =
        bench.push(
            delivery -> seen.add(delivery.payload()),
            task -> {
              throw new RejectedExecutionException("meant to be thrown");
            });
    bench.add("k", "a", "b");
    bench.run();
    Lane lane = MemberBench.lane(1);
    bench.source().tell(listener -> listener.revoking(lane));
    bench.run();
    assertEquals(List.of(lane), bench.source().released(), "waits for a handler that never runs");
    assertTrue(member.failure().isEmpty());
    assertEquals(List.of(), seen);
  }

  @Test
  void aFullExecutorsRunsComeLater() {
    List<String> seen = new ArrayList<>();
    int[] refusals = {3};
    Subscription member =
        bench.pushAsync(
            delivery -> {
              seen.add(delivery.payload() + delivery.attempt());
              return CompletableFuture.completedFuture(null);
            },
            task -> {
              if (refusals[0]-- > 0) {
                throw new RejectedExecutionException("meant to be thrown");
              }
              bench.tasks.add(task);
            });
    bench.add("k", "a", "b");
    bench.run();
    for (int i = 0; i < 10; i++) {
      bench.advance(Duration.ofMillis(20));
      bench.work();
    }
    assertEquals(List.of("a1", "b1"), seen);
    assertTrue(member.failure().isEmpty());
  }

  private Settlement settled(CompletionStage<Settlement> stage) {
    return settled(bench, stage);
  }

  private static Settlement settled(MemberBench on, CompletionStage<Settlement> stage) {
    on.advance(Duration.ofSeconds(1));
    return MemberBench.now(stage);
  }
}
