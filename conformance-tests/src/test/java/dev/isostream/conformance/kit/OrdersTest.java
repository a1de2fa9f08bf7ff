package dev.isostream.conformance.kit;

import static dev.isostream.conformance.kit.Histories.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.conformance.check.HandOut;
import dev.isostream.conformance.check.Order;
import dev.isostream.conformance.check.Replay;
import dev.isostream.conformance.history.Event.How;
import org.junit.jupiter.api.Test;

class OrdersTest {

  private final Histories history = new Histories();

  @Test
  void aSwapIsFoundAndAGapIsNot() {
    history.sent("k", "a", "b", "c");
    history.read("gap", "k", 0, "a", 0).read("gap", "k", 1, "c", 0);
    history.read("swap", "k", 0, "b", 0).read("swap", "k", 1, "a", 0);

    assertThat(Order.ofKeysInReader(history.events(), "gap")).isEmpty();
    assertThat(Order.ofKeysInReader(history.events(), "swap"))
        .containsExactly("a of key k came behind b");
  }

  @Test
  void aSecondCopyIsASwapToo() {
    history.sent("k", "a", "b");
    history.read("r", "k", 0, "a", 0).read("r", "k", 1, "b", 0).read("r", "k", 2, "a", 0);

    assertThat(Order.ofKeysInReader(history.events(), "r")).hasSize(1);
  }

  @Test
  void otherKeysMayComeInAnyOrder() {
    history.sent("k", "a").sent("l", "b");
    history.read("r", "l", 0, "b", 0).read("r", "k", 1, "a", 0);

    assertThat(Order.ofKeysInReader(history.events(), "r")).isEmpty();
  }

  @Test
  void aGroupIsJudgedByTheFirstHandingOfEach() {
    history.sent("k", "a", "b");
    history.handed("m", "k", 0, "a", 1);
    history.handed("m", "k", 1, "b", 1);
    history.handed("n", "k", 0, "a", 1);

    assertThat(Order.ofKeysInGroup(history.events(), GROUP)).isEmpty();
  }

  @Test
  void handedOutBeforeTheEarlierIsSettledIsFound() {
    history.handed("m", "k", 0, "a", 1);
    history.handed("m", "k", 1, "b", 1);

    assertThat(HandOut.byKey(history.events(), GROUP))
        .containsExactly("b came before a was settled");
  }

  @Test
  void anEarlierOneThatComesLaterAtAllIsFound() {
    history.acked(history.handed("m", "k", 1, "b", 1));
    history.acked(history.handed("m", "k", 0, "a", 1));

    assertThat(HandOut.byKey(history.events(), GROUP)).hasSize(1);
  }

  @Test
  void settledFirstOrInOneBatchIsInOrder() {
    history.acked(history.handed("m", "k", 0, "a", 1));
    history.handed("m", 9, "k", 1, "b", 1);
    history.handed("m", 9, "k", 2, "c", 1);

    assertThat(HandOut.byKey(history.events(), GROUP)).isEmpty();
  }

  @Test
  void aNackedOneHoldsUpTheRestOfItsKey() {
    history.asked(history.handed("m", "k", 0, "a", 1), How.NACK);
    history.handed("m", "k", 1, "b", 1);

    assertThat(HandOut.byKey(history.events(), GROUP)).hasSize(1);
  }

  @Test
  void withoutAKeyNothingWaitsUnlessThePartitionIsTheOrder() {
    history.handed("m", null, 0, "a", 1);
    history.handed("m", null, 1, "b", 1);

    assertThat(HandOut.byKey(history.events(), GROUP)).isEmpty();
    assertThat(HandOut.byPartition(history.events(), GROUP)).hasSize(1);
  }

  @Test
  void moreInHandThanAllowedIsFound() {
    history.handed("m", "k", 0, "a", 1);
    history.acked(history.handed("m", "l", 1, "b", 1));
    history.handed("m", "n", 2, "c", 1);

    assertThat(HandOut.moreInHandThan(history.events(), GROUP, 2)).isEmpty();
    assertThat(HandOut.moreInHandThan(history.events(), GROUP, 1)).hasSize(2);
  }

  @Test
  void readingAgainIsComparedByContentAndLength() {
    history.read("one", "k", 0, "a", 5).read("one", "k", 1, "b", 6);
    history.read("same", "k", 0, "a", 5).read("same", "k", 1, "b", 6);
    history.read("other", "k", 0, "a", 7).read("other", "k", 1, "b", 6);
    history.read("short", "k", 0, "a", 5);

    assertThat(Replay.differences(history.events(), "one", "same")).isEmpty();
    assertThat(Replay.differences(history.events(), "one", "other")).hasSize(1);
    assertThat(Replay.differences(history.events(), "one", "short"))
        .containsExactly("partition 0: 2 messages, then 1");
  }
}
