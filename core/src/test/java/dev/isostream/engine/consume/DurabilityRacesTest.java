package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.MemberListener;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeRecord;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What has to be stored before something else may happen, and what a death leaves of it. */
class DurabilityRacesTest {

  private static final DriverTraits SPARSE =
      new DriverTraits(true, true, false, false, false, 400, 1000, 5);

  private MemberBench bench = new MemberBench();
  private long process = 100;

  @Test
  void aMemberIsThereOnceTheStartOfEveryPartitionIsStored() {
    bench.log().addPartition("1");
    CompletionStage<Consumer<String>> member = bench.joining();
    bench.source().assign("0", 1);
    bench.run();
    assertFalse(member.toCompletableFuture().isDone(), "partition 1 has no start yet");
    bench.source().holding(true);
    bench.source().assign("1", 1);
    bench.run();
    assertFalse(member.toCompletableFuture().isDone(), "the start of partition 1 is not stored");
    bench.source().answer();
    bench.run();
    MemberBench.now(member);
  }

  @Test
  void nothingIsHandedOutBeforeANoteOfItIsStored() {
    Consumer<String> consumer = bench.pull();
    bench.source().holding(true);
    for (int i = 0; i < 500; i++) {
      bench.add("k" + i, "m" + i);
    }
    bench.run();
    List<Delivery<String>> noted = new ArrayList<>(bench.receive(consumer, 500));
    assertTrue(noted.size() < 500, "handed out what no stored note covers");
    int before = noted.size();
    CompletionStage<List<Delivery<String>>> more = SimulatedMembers.receive(consumer, 500);
    bench.run();
    assertFalse(more.toCompletableFuture().isDone());
    bench.source().answer();
    bench.run();
    assertFalse(MemberBench.now(more).isEmpty());
    assertTrue(before > 0);
  }

  @Test
  void whatWasInHandWithOthersComesOneAtATimeAndUncounted() {
    bench.add("k", "a");
    bench.add("l", "b");
    bench.add("m", "c");
    Consumer<String> dying = bench.pull();
    assertEquals(3, bench.receive(dying, 10).size());
    MemberBench heir = heir();
    Consumer<String> consumer = heir.pull();
    heir.add("n", "new");
    for (String expected : List.of("a", "b", "c")) {
      List<Delivery<String>> one = heir.receive(consumer, 10);
      assertEquals(List.of(expected), one.stream().map(Delivery::payload).toList());
      assertEquals(1, one.get(0).attempt());
      one.get(0).ack();
      heir.advance(Duration.ofSeconds(1));
    }
    assertEquals("new", heir.receive(consumer, 10).get(0).payload());
  }

  @Test
  void aFailureIsStoredBeforeItsMessageIsHandedOutAgainAndOthersDoNotWaitForThat() {
    bench.add("k", "a");
    bench.add("l", "b");
    bench.add("m", "c");
    Consumer<String> consumer = bench.pull();
    bench.source().holding(true);
    handed(bench, consumer, "a").nack(Duration.ZERO);
    bench.run();
    handed(bench, consumer, "b");
    handed(bench, consumer, "c");
    CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(consumer, 1);
    bench.run();
    assertFalse(asked.toCompletableFuture().isDone(), "nobody knows of its failure if this dies");
    for (int i = 0; i < 2; i++) { // the first may have been on its way when it failed
      bench.source().answer();
      bench.run();
    }
    assertEquals(2, MemberBench.now(asked).get(0).attempt());
  }

  @Test
  void aFailureThatTheApplicationWasShownIsCountedAfterADeath() {
    bench.add("k", "a");
    bench.add("l", "b");
    Consumer<String> dying = bench.pull();
    handed(bench, dying, "a").nack(Duration.ZERO);
    handed(bench, dying, "b");
    assertEquals(2, handed(bench, dying, "a").attempt());
    MemberBench heir = heir();
    assertEquals(2, handed(heir, heir.pull(), "a").attempt());
  }

  @Test
  void aFailureOfOneThatIsHandedOutAloneIsStoredBeforeItComesAgain() {
    for (DriverTraits traits : List.of(FakeDriver.direct(), SPARSE)) {
      bench = new MemberBench(traits, ++process);
      bench.add("k", "a");
      bench.receive(bench.pull(), 1);
      bench.advance(Duration.ofSeconds(1));
      bench = heir(traits);
      Consumer<String> dying = bench.pull();
      Delivery<String> convicted = handed(bench, dying, "a");
      assertEquals(2, convicted.attempt());
      bench.source().holding(true);
      convicted.nack(Duration.ZERO);
      CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(dying, 1);
      bench.run();
      assertFalse(asked.toCompletableFuture().isDone(), "nobody knows of its failure if this dies");
      bench.source().holding(false);
      bench.source().answer();
      bench.run();
      assertEquals(3, MemberBench.now(asked).get(0).attempt());
      MemberBench heir = heir(traits);
      assertEquals(4, handed(heir, heir.pull(), "a").attempt());
    }
  }

  @Test
  void aSuspectThatDiesAloneIsConvictedAndItsNeighboursAreNot() {
    bench.add("k", "a");
    bench.add("l", "b");
    bench.receive(bench.pull(), 10);
    MemberBench second = heir();
    assertEquals("a", second.receive(second.pull(), 10).get(0).payload());
    bench = second;
    MemberBench third = heir();
    Consumer<String> consumer = third.pull();
    Delivery<String> killer = third.receive(consumer, 1).get(0);
    assertEquals("a", killer.payload());
    assertEquals(2, killer.attempt());
    killer.ack();
    third.advance(Duration.ofSeconds(1));
    Delivery<String> innocent = third.receive(consumer, 1).get(0);
    assertEquals("b", innocent.payload());
    assertEquals(1, innocent.attempt());
  }

  @Test
  void aSuspectWhoseRoomWasTakenByCopiesLetsAnEarlierOneGoFirst() {
    bench = new MemberBench(SPARSE, 7);
    bench.add("hot", "hot");
    bench.add("k", "a");
    bench.add("l", "b");
    assertEquals(3, bench.receive(bench.pull(), 10).size());
    MemberBench heir = heir(SPARSE);
    Consumer<String> consumer = heir.pull();
    handed(heir, consumer, "hot").nack(Duration.ofMinutes(1));
    heir.run();
    heir.source().holding(true);
    CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(consumer, 1);
    heir.run();
    for (int i = 0; i < 20; i++) {
      heir.log().add("0", "m", "c", FakeRecord.ids("p", "1"));
    }
    heir.run();
    heir.source().holding(false);
    heir.source().answer();
    heir.run();
    assertFalse(asked.toCompletableFuture().isDone(), "the cursor has no room for it");
    heir.advance(Duration.ofMinutes(1));
    Delivery<String> hot = MemberBench.now(asked).get(0);
    assertEquals("hot", hot.payload());
    hot.ack();
    heir.advance(Duration.ofSeconds(1));
    for (String expected : List.of("a", "b", "c")) {
      handed(heir, consumer, expected).ack();
      heir.advance(Duration.ofSeconds(1));
    }
  }

  private static Delivery<String> handed(MemberBench on, Consumer<String> to, String expected) {
    List<Delivery<String>> one = on.receive(to, 1);
    assertEquals(List.of(expected), one.stream().map(Delivery::payload).toList());
    return one.get(0);
  }

  @Test
  void aBlockedKeyFillsTheOpenWindowAndNeverTheCursor() {
    int bytes = 256;
    bench = new MemberBench(new DriverTraits(true, true, true, false, true, bytes, 1000, 5), 7);
    List<Integer> full = new ArrayList<>();
    bench.listeners.add(
        new MemberListener() {
          @Override
          public void windowFull(String partition, int open) {
            full.add(open);
          }
        });
    Consumer<String> consumer = bench.pull();
    bench.add("hot", "hot");
    bench.run();
    bench.receive(consumer, 1).get(0).nack(Duration.ofHours(1));
    int handed = 0;
    for (int i = 0; i < 3000 && full.isEmpty(); i++) {
      bench.add("k" + i, "m" + i);
      bench.run();
      CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(consumer, 1);
      bench.run();
      if (asked.toCompletableFuture().isDone()) {
        handed++;
        MemberBench.now(asked).get(0).ack();
        bench.run();
      }
      bench.advance(Duration.ofMillis(60));
    }
    assertFalse(full.isEmpty(), "never waited");
    assertTrue(handed > 100, "waited after " + handed);
    assertTrue(bench.source().longestState() <= bytes, "wrote " + bench.source().longestState());
  }

  @Test
  void aFailedCommitOfALaneThatWentIsNotSentAgainUnderItsNextEpoch() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> delivery = bench.receive(consumer, 1).get(0);
    bench.source().holding(true);
    var acked = delivery.ack();
    bench.run();
    bench.source().tell(listener -> listener.lost(MemberBench.lane(1)));
    bench.run();
    int sent = bench.source().committed().size();
    bench.source().fail(new DriverException(ErrorKind.UNAVAILABLE, "meant to fail", null));
    bench.source().holding(false);
    bench.source().assign("0", 2);
    bench.advance(Duration.ofSeconds(10));
    ClosingTest.assertStale(acked);
    List<Lane> later = bench.source().committed().subList(sent, bench.source().committed().size());
    assertFalse(later.isEmpty());
    assertTrue(later.stream().allMatch(lane -> lane.epoch() == 2), later::toString);
    assertEquals("a", bench.receive(consumer, 1).get(0).payload());
  }

  /** Another process's member, with what this one stored before it died. */
  private MemberBench heir() {
    return heir(FakeDriver.direct());
  }

  private MemberBench heir(DriverTraits traits) {
    MemberBench heir = new MemberBench(traits, ++process);
    heir.source().stored().putAll(bench.source().stored());
    bench.log().copyTo(heir.log());
    return heir;
  }
}
