package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Two members of one process, of which one has a message in hand for long. */
class SoloGateTest {

  private static final Duration LONG = Duration.ofSeconds(5);
  private static final Duration MOMENT = Duration.ofMillis(50);

  private final MemberBench holding = new MemberBench();
  private final MemberBench other = new MemberBench();

  @Test
  void aMessageThatIsHeldForLongDoesNotKeepAnotherMembersOut() {
    other.gate = holding.gate;
    Consumer<String> holder = holding.pull();
    holding.add("k", "held");
    holding.run();
    Delivery<String> held = holding.receive(holder, 1).get(0);
    Consumer<String> receiver = other.pull();
    for (int i = 0; i < 20; i++) {
      holding.advance(LONG); // noted as alone by now
      other.add("l", "free" + i);
      CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(receiver, 1);
      other.run();
      // The holder's turns come first, as long as it needs no time.
      holding.run();
      other.run();
      Delivery<String> free = MemberBench.now(asked).get(0);
      assertEquals("free" + i, free.payload());
      free.ack();
      other.advance(MOMENT);
    }
    held.ack();
    holding.advance(MOMENT);
  }
}
