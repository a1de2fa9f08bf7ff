package dev.isostream.engine.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A member that may hold 1,000 messages, of two lanes. */
class FlowControlTest {

  private final MemberBench bench = new MemberBench();

  @BeforeEach
  void twoLanes() {
    bench.log().addPartition("1");
    bench.assigned = List.of("0", "1");
  }

  private void add(String lane, int messages) {
    for (int i = 0; i < messages; i++) {
      bench.log().add(lane, "key " + i, "message " + i, Headers.empty());
    }
  }

  @Test
  void aFullMemberStopsAllItsLanesTogether() {
    bench.pull();
    add("0", 950);
    add("1", 60);

    bench.run();

    assertThat(bench.source().paused()).isEqualTo(Set.of("0", "1"));
  }

  @Test
  void aMemberThatStaysFullLetsThoseGoOnThatHaveLessThanTheirShare() {
    bench.pull();
    add("0", 950);
    add("1", 60);

    bench.advance(Duration.ofMillis(49));
    assertThat(bench.source().paused()).isEqualTo(Set.of("0", "1"));
    bench.advance(Duration.ofMillis(2));

    assertThat(bench.source().paused()).isEqualTo(Set.of("0"));
  }

  @Test
  void lanesGoOnOnceThereIsRoomAgain() {
    Consumer<String> consumer = bench.pull();
    add("0", 600);
    add("1", 400);
    bench.run();
    assertThat(bench.source().paused()).isEqualTo(Set.of("0", "1"));

    int left = 1000;
    while (left > 750) {
      for (Delivery<String> delivery : bench.receive(consumer, left - 750)) {
        delivery.ack();
        left--;
      }
      bench.run();
    }
    assertThat(bench.source().paused()).isEqualTo(Set.of("0", "1"));
    bench.receive(consumer, 1).get(0).ack();
    bench.run();

    assertThat(bench.source().paused()).isEmpty();
  }

  @Test
  void aLaneThatFillsItsWindowStopsAlone() {
    bench.pull();
    add("0", 1000);
    add("1", 10);

    bench.advance(Duration.ofSeconds(1));

    assertThat(bench.source().paused()).isEqualTo(Set.of("0"));
  }
}
