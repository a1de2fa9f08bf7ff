package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Position;
import dev.isostream.spi.DriverTraits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a broker that shows what is pending is told of what is in hand. */
class BegunTest {

  private static final DriverTraits KEEPS_ACKS =
      new DriverTraits(true, true, false, true, false, 4000, 1000, 5);
  private static final Duration SOON = Duration.ofMillis(200);

  private final MemberBench bench = new MemberBench(KEEPS_ACKS, 7);

  private List<Position> last() {
    List<List<Position>> all = bench.source().begun();
    return all.get(all.size() - 1);
  }

  @Test
  void whatStaysInHandIsToldSoon() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.add("l", "b");
    bench.add("m", "not handed out");
    bench.run();
    List<Delivery<String>> inHand = bench.receive(consumer, 2);
    bench.advance(SOON);
    assertEquals(inHand.stream().map(Delivery::position).toList(), last());
    inHand.get(0).ack();
    bench.advance(SOON);
    assertEquals(List.of(inHand.get(1).position()), last());
  }

  @Test
  void onceToldItCostsNoMoreCommits() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.add("l", "b");
    bench.run();
    bench.receive(consumer, 2);
    bench.advance(SOON);
    int commits = bench.source().begun().size();
    bench.advance(Duration.ofSeconds(10));
    assertEquals(commits, bench.source().begun().size());
  }

  @Test
  void whatIsSettledAtOnceIsNeverTold() {
    Consumer<String> consumer = bench.pull();
    for (int i = 0; i < 20; i++) {
      bench.add("k" + i, "m" + i);
      bench.run();
      bench.receive(consumer, 1).get(0).ack();
      bench.advance(SOON);
    }
    assertTrue(bench.source().begun().stream().allMatch(List::isEmpty));
  }

  @Test
  void whatFailedAndWaitsIsBegunWith() {
    Consumer<String> consumer = bench.pull();
    bench.add("k", "a");
    bench.run();
    Delivery<String> failing = bench.receive(consumer, 1).get(0);
    failing.nack(Duration.ofMinutes(1));
    bench.advance(SOON);
    assertEquals(List.of(failing.position()), last());
  }

  @Test
  void brokersThatKeepNoAcksAreToldNothing() {
    MemberBench plain = new MemberBench();
    Consumer<String> consumer = plain.pull();
    plain.add("k", "a");
    plain.run();
    plain.receive(consumer, 1);
    plain.advance(SOON);
    assertTrue(plain.source().begun().stream().allMatch(List::isEmpty));
  }
}
