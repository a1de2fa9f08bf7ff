package dev.isostream.conformance.scene;

import dev.isostream.Delivery;
import dev.isostream.Received;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.History;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns what the API gives into events. */
final class Records {

  private Records() {}

  /** A message's name in histories: its payload up to the first space. */
  static String id(String payload) {
    int space = payload.indexOf(' ');
    return space < 0 ? payload : payload.substring(0, space);
  }

  static void read(History history, String reader, Received<String> message) {
    int hash =
        Objects.hash(
            Arrays.hashCode(message.body().orElse(null)),
            Arrays.hashCode(message.keyBytes().orElse(null)),
            message.headers());
    history.record(
        nanos ->
            new Event.Read(
                nanos,
                message.topic(),
                reader,
                id(message.payload()),
                message.key().orElse(null),
                message.partition(),
                message.position(),
                message.timestamp(),
                hash));
  }

  static long handed(
      History history, String group, String member, long batch, Delivery<String> delivery) {
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
                id(delivery.payload()),
                delivery.key().orElse(null),
                delivery.partition(),
                delivery.position(),
                delivery.attempt()));
    return handing;
  }

  static void decided(
      History history, long handing, @Nullable Settlement settlement, @Nullable Throwable failure) {
    Outcome outcome =
        settlement != null
            ? (settlement == Settlement.DONE ? Outcome.DONE : Outcome.ALREADY_SETTLED)
            : Scene.unwrapped(Objects.requireNonNull(failure)) instanceof StaleDeliveryException
                ? Outcome.STALE
                : Outcome.FAILED;
    history.record(nanos -> new Event.SettleDecided(nanos, handing, outcome));
  }
}
