package dev.isostream.conformance.scenario;

import dev.isostream.conformance.history.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What happened when a scenario was played. Immutable.
 *
 * @param topics the scenario's names of topics, by those that they had on the backend
 * @param ackLoss how recent a confirmed ack may be to be lost by a crash of the broker (contract
 *     D3)
 */
public record Recording(List<Event> events, Map<String, String> topics, Duration ackLoss) {

  /** The name of the fault that is a crash of the broker. */
  public static final String BROKER_KILLED = "the broker is killed";

  public Recording {
    events = List.copyOf(events);
    topics = Map.copyOf(topics);
  }

  /** The same with other events. */
  public Recording with(List<Event> others) {
    return new Recording(others, topics, ackLoss);
  }
}
