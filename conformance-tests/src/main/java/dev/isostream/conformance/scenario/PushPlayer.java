package dev.isostream.conformance.scenario;

import dev.isostream.Delivery;
import dev.isostream.Subscription;
import dev.isostream.conformance.history.Event.How;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A member with a handler that does what its scenario says. Thread-safe. */
final class PushPlayer implements AutoCloseable {

  /** What a handler throws on purpose; where it comes from is no secret, and logged often. */
  private static final class ScriptedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ScriptedFailure(String message) {
      super(message, null, false, false);
    }
  }

  private static final int CONCURRENCY = 4;

  private final Casting casting;
  private final Journal journal;
  private final Subscription subscription;
  private boolean left;

  private PushPlayer(Casting casting, Subscription subscription, Journal journal) {
    this.casting = casting;
    this.subscription = subscription;
    this.journal = journal;
  }

  static PushPlayer join(Casting casting) {
    String name = casting.scene().unique("push");
    Journal journal = casting.journal(name);
    Subscription subscription =
        casting
            .settings(casting.messaging().subscribe(casting.topic()))
            .concurrency(CONCURRENCY)
            .listener(casting.listener(name))
            .handle(delivery -> handle(casting, journal, delivery));
    return casting.scene().closing(new PushPlayer(casting, subscription, journal));
  }

  private static void handle(
      Casting casting, Journal journal, Delivery<byte @Nullable []> delivery) {
    Verdict verdict = casting.verdict(delivery);
    List<Long> handing = List.of(journal.handed(delivery));
    switch (verdict.kind()) {
      case ACK -> {
        journal.asked(handing.get(0), How.ACK);
        journal.decided(handing, delivery.ack());
      }
      case NACK -> {
        journal.asked(handing.get(0), How.NACK);
        journal.decided(handing, delivery.nack(verdict.delay()));
      }
      case DEAD_LETTER -> {
        journal.asked(handing.get(0), How.DEAD_LETTER);
        journal.decided(handing, delivery.deadLetter(verdict.reason()));
      }
      case THROW -> {
        journal.asked(handing.get(0), How.NACK);
        throw new ScriptedFailure(verdict.reason());
      }
    }
  }

  /** Leaves in good order. */
  @Override
  public synchronized void close() {
    if (!left) {
      left = true;
      subscription.close();
      journal.left();
    }
  }

  @Override
  public String toString() {
    return "a member with a handler of " + casting.group().name();
  }
}
