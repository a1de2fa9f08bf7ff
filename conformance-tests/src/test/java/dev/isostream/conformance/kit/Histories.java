package dev.isostream.conformance.kit;

import dev.isostream.Position;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes histories by hand: one topic {@code t}, one group {@code g}, partition {@code 0}. */
final class Histories {

  static final String TOPIC = "t";
  static final String GROUP = "g";

  private final List<Event> events = new ArrayList<>();
  private long time;
  private long handings;
  private long batches;

  List<Event> events() {
    return List.copyOf(events);
  }

  Histories sent(@Nullable String key, String... ids) {
    for (String id : ids) {
      events.add(new Event.Sent(++time, TOPIC, "p", id, key));
      events.add(new Event.SendConfirmed(++time, TOPIC, id));
    }
    return this;
  }

  Histories failed(String key, String id) {
    events.add(new Event.Sent(++time, TOPIC, "p", id, key));
    events.add(new Event.SendFailed(++time, TOPIC, id, true, "timeout"));
    return this;
  }

  Histories read(String reader, @Nullable String key, long offset, String id, int content) {
    events.add(
        new Event.Read(
            ++time,
            TOPIC,
            reader,
            id,
            key,
            "0",
            at(offset),
            Instant.ofEpochMilli(offset),
            content));
    return this;
  }

  /** In a batch of its own; gives the handing's number. */
  long handed(String member, @Nullable String key, long offset, String id, int attempt) {
    return handed(member, ++batches, key, offset, id, attempt);
  }

  long handed(
      String member, long batch, @Nullable String key, long offset, String id, int attempt) {
    long handing = ++handings;
    events.add(
        new Event.Handed(
            ++time, TOPIC, GROUP, member, handing, batch, id, key, "0", at(offset), attempt));
    return handing;
  }

  Histories asked(long handing, How how) {
    events.add(new Event.SettleRequested(++time, handing, how));
    return this;
  }

  Histories done(long handing) {
    events.add(new Event.SettleDecided(++time, handing, Outcome.DONE));
    return this;
  }

  Histories stale(long handing) {
    events.add(new Event.SettleDecided(++time, handing, Outcome.STALE));
    return this;
  }

  Histories acked(long handing) {
    return asked(handing, How.ACK).done(handing);
  }

  Histories died(String member) {
    events.add(new Event.Died(++time, GROUP, member));
    return this;
  }

  Histories lost(String member) {
    events.add(new Event.Lost(++time, GROUP, member, Set.of("0")));
    return this;
  }

  Histories reset() {
    events.add(new Event.Reset(++time, GROUP));
    return this;
  }

  Histories dead(String id, String deadId) {
    events.add(new Event.DeadLetterFound(++time, "dead", GROUP, id, null, deadId, 2, "why"));
    return this;
  }

  private static Position at(long offset) {
    return Position.of("memory", TOPIC, "0", null, offset);
  }
}
