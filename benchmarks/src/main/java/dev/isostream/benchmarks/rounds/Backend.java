package dev.isostream.benchmarks.rounds;

import java.util.List;
import java.util.Map;

/**
 * What the benchmarks have to know of one backend: how its broker is had, and its plain client. A
 * backend that is added is a class that implements this, and a line in {@code Backends}. Stateless.
 */
public interface Backend {

  /** Its scheme, which is also its name among the kit's brokers and that of its part. */
  String name();

  /** Settings of the broker to be started, beside the ways that all have in common. */
  Map<String, String> brokerSettings();

  /** Isostream's properties that say what the plain client's settings say, by full name. */
  Map<String, String> properties(Clients clients);

  /** The plain client, used as its documentation says, by someone who wants to lose nothing. */
  Contestant raw(Clients clients);

  /** More ways to do the same that are worth a look: for example one message at a time. */
  default List<Contestant> others(Clients clients) {
    return List.of();
  }

  /** How producers and consumers are set, on both sides, for the page of numbers. */
  Map<String, String> about(Clients clients);
}
