package dev.isostream.examples;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Position;
import dev.isostream.examples.Event.Kind;
import dev.isostream.examples.Shop.Stored;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The quickstart's checks fail when something came out wrong. */
class ChecksTest {

  private final Ledger ledger = new Ledger();

  private void told(Kind kind, String order, int attempt) {
    ledger.add(new Event(kind, "ann", order, "c", "memory:orders/0@1", attempt));
  }

  private static Stored stored(String order) {
    return new Stored(new Order(order, "c", 1), Position.parse("memory:orders/0@1"));
  }

  @Test
  void anOrderThatComesAgainAfterItsAckIsNoticed() {
    told(Kind.HANDED, "o-1", 1);
    told(Kind.CHARGED, "o-1", 1);
    assertThatCode(() -> Checks.nothingSettledCameAgain(ledger)).doesNotThrowAnyException();
    told(Kind.HANDED, "o-1", 2);

    assertThatThrownBy(() -> Checks.nothingSettledCameAgain(ledger))
        .isInstanceOf(WrongOutcome.class)
        .hasMessageContaining("o-1 came again");
  }

  @Test
  void ordersOfACustomerThatAreSwappedAreNoticed() {
    told(Kind.HANDED, "o-2", 1);
    told(Kind.HANDED, "o-1", 1);

    assertThatThrownBy(() -> Checks.orderWasKept(ledger, List.of(stored("o-1"), stored("o-2"))))
        .isInstanceOf(WrongOutcome.class)
        .hasMessageContaining("o-1 of c came behind");
  }

  @Test
  void anOrderThatIsChargedTwiceIsNoticed() {
    told(Kind.CHARGED, "o-1", 1);
    told(Kind.CHARGED, "o-1", 1);

    assertThatThrownBy(() -> Checks.charged(ledger, "o-1"))
        .isInstanceOf(WrongOutcome.class)
        .hasMessageContaining("2 times");
  }

  @Test
  void aPoisonMessageThatIsNotSetAsideIsNoticed() {
    told(Kind.FAILED, "m-2", 1);
    told(Kind.CHARGED, "m-3", 1);

    assertThatThrownBy(
            () -> Checks.poisonHeldUpOnlyItsKey(ledger, Position.parse("memory:orders/0@1")))
        .isInstanceOf(WrongOutcome.class);
  }
}
