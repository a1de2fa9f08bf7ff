package dev.isostream.conformance.kit;

import static dev.isostream.conformance.kit.Histories.GROUP;
import static dev.isostream.conformance.kit.Histories.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.history.Event.How;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

  private final Histories history = new Histories();

  @Test
  void aConfirmedMessageThatNeverCameIsLost() {
    history.sent("k", "a", "b").failed("k", "c");
    history.handed("m", "k", 0, "a", 1);

    assertThat(Deliveries.losses(history.events(), TOPIC, GROUP))
        .containsExactly("b was confirmed and never handed out");
  }

  @Test
  void nothingIsLostWhereAllThatWasConfirmedCame() {
    history.sent("k", "a").failed("k", "b");
    history.handed("m", "k", 0, "a", 1);

    assertThat(Deliveries.losses(history.events(), TOPIC, GROUP)).isEmpty();
  }

  @Test
  void whatComesAfterItsAckIsFound() {
    history.acked(history.handed("m", "k", 0, "a", 1)).died("m");
    history.handed("n", "k", 0, "a", 1);

    assertThat(Deliveries.afterSettled(history.events(), GROUP))
        .containsExactly("a came again to n after it was settled");
  }

  @Test
  void whatWasAskedForAndNotDecidedMayComeAgain() {
    history.asked(history.handed("m", "k", 0, "a", 1), How.ACK).died("m");
    history.handed("n", "k", 0, "a", 1);

    assertThat(Deliveries.afterSettled(history.events(), GROUP)).isEmpty();
  }

  @Test
  void aStaleAckSettlesNothing() {
    long old = history.handed("m", "k", 0, "a", 1);
    history.asked(old, How.ACK).stale(old);
    history.handed("n", "k", 0, "a", 1);

    assertThat(Deliveries.afterSettled(history.events(), GROUP)).isEmpty();
  }

  @Test
  void aNackOrAResetLetsItComeAgain() {
    long first = history.handed("m", "k", 0, "a", 1);
    history.asked(first, How.NACK).done(first);
    history.acked(history.handed("m", "k", 0, "a", 2)).reset();
    history.handed("m", "k", 0, "a", 1);

    assertThat(Deliveries.afterSettled(history.events(), GROUP)).isEmpty();
  }

  @Test
  void aSecondHandingWithoutAReasonIsFound() {
    history.handed("m", "k", 0, "a", 1);
    history.handed("n", "k", 0, "a", 1);

    assertThat(Deliveries.unexcused(history.events(), GROUP))
        .containsExactly("a came to n while m had it");
  }

  @Test
  void aSecondHandingAfterItsMembersDeathOrLossIsAllowed() {
    history.handed("m", "k", 0, "a", 1);
    history.died("m");
    history.handed("n", "k", 0, "a", 1);
    history.lost("n");
    history.handed("o", "k", 0, "a", 1);

    assertThat(Deliveries.unexcused(history.events(), GROUP)).isEmpty();
  }

  @Test
  void theDeathOfAnotherMemberExcusesNothing() {
    history.handed("m", "k", 0, "a", 1);
    history.died("other");
    history.handed("n", "k", 0, "a", 1);

    assertThat(Deliveries.unexcused(history.events(), GROUP)).hasSize(1);
  }

  @Test
  void withANackedOneTheLaterOnesOfItsBatchGoBack() {
    long first = history.handed("m", 7, "k", 0, "a", 1);
    history.handed("m", 7, "k", 1, "b", 1);
    history.asked(first, How.NACK);
    history.handed("m", 8, "k", 0, "a", 2);
    history.handed("m", 8, "k", 1, "b", 1);

    assertThat(Deliveries.unexcused(history.events(), GROUP)).isEmpty();
  }

  @Test
  void otherKeysOfTheBatchDoNotGoBack() {
    long first = history.handed("m", 7, "k", 0, "a", 1);
    history.handed("m", 7, "l", 1, "b", 1);
    history.asked(first, How.NACK);
    history.handed("m", 8, "l", 1, "b", 1);

    assertThat(Deliveries.unexcused(history.events(), GROUP)).hasSize(1);
  }

  @Test
  void attemptsCountNacksAndNothingElse() {
    history.asked(history.handed("m", "k", 0, "a", 1), How.NACK);
    history.handed("m", "k", 0, "a", 2);
    history.died("m");
    history.handed("n", "k", 0, "a", 2);

    assertThat(Deliveries.attempts(history.events(), GROUP)).isEmpty();
  }

  @Test
  void aForgottenAttemptIsFound() {
    history.asked(history.handed("m", "k", 0, "a", 1), How.NACK);
    history.handed("m", "k", 0, "a", 1);

    assertThat(Deliveries.attempts(history.events(), GROUP))
        .containsExactly("a came as attempt 1, not 2");
  }

  @Test
  void aDeadLetterHasOneIdHoweverManyCopies() {
    history.dead("a", "g@1").dead("a", "g@1");

    assertThat(Deliveries.deadLetters(history.events(), GROUP, Set.of("a"))).isEmpty();
  }

  @Test
  void missingDoubledAndUnaskedDeadLettersAreFound() {
    history.dead("a", "g@1").dead("a", "g@2").dead("c", "g@3");

    assertThat(Deliveries.deadLetters(history.events(), GROUP, Set.of("a", "b")))
        .containsExactlyInAnyOrder(
            "a was given up and has 2 dead-letter ids",
            "b was given up and has 0 dead-letter ids",
            "c is a dead letter and was never given up");
  }
}
