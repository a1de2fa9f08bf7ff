package dev.isostream.conformance.scenario;

import dev.isostream.Delivery;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.History;
import dev.isostream.conformance.scene.Label;
import dev.isostream.conformance.scene.Scene;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Records what one member of a group in this process is handed and asks for. Thread-safe. */
final class Journal {

  private final History history;
  private final String group;
  private final String member;

  Journal(History history, String group, String member) {
    this.history = history;
    this.group = group;
    this.member = member;
    history.record(nanos -> new Event.Joined(nanos, group, member));
  }

  /** A batch of one. */
  long handed(Delivery<?> delivery) {
    return handed(history.number(), delivery);
  }

  /** Gives the handing's number. */
  long handed(long batch, Delivery<?> delivery) {
    long handing = history.number();
    history.record(
        nanos ->
            new Event.Handed(
                nanos,
                delivery.topic(),
                group,
                member,
                handing,
                batch,
                Label.of(delivery),
                Label.key(delivery),
                delivery.partition(),
                delivery.position(),
                delivery.attempt()));
    return handing;
  }

  void asked(long handing, How how) {
    history.record(nanos -> new Event.SettleRequested(nanos, handing, how));
  }

  void decided(Collection<Long> handings, CompletionStage<Settlement> stage) {
    List<Long> these = List.copyOf(handings);
    var unused =
        stage.whenComplete(
            (settlement, failure) -> {
              Outcome outcome = outcome(settlement, failure);
              for (long handing : these) {
                history.record(nanos -> new Event.SettleDecided(nanos, handing, outcome));
              }
            });
  }

  private static Outcome outcome(@Nullable Settlement settlement, @Nullable Throwable failure) {
    if (settlement != null) {
      return settlement == Settlement.DONE ? Outcome.DONE : Outcome.ALREADY_SETTLED;
    }
    return failure != null && Scene.unwrapped(failure) instanceof StaleDeliveryException
        ? Outcome.STALE
        : Outcome.FAILED;
  }

  void left() {
    history.record(nanos -> new Event.Left(nanos, group, member));
  }
}
