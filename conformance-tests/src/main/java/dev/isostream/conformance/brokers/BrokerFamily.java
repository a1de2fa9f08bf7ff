package dev.isostream.conformance.brokers;

import java.util.Optional;

/** All that {@link Brokers} has to know of one backend's brokers. */
interface BrokerFamily {
  /**
   * The way to take when none was asked for by name, and why this one. May ask the Docker engine;
   * bounded.
   */
  Choice choose();

  /** Why this mode is not to be had here, and what to install; empty when it is. Bounded. */
  Optional<String> obstacle(BrokerMode mode);

  /** A handle on a broker, not started yet. */
  Broker create(BrokerMode mode, boolean guarded);

  /** A mode and the reason for it. */
  record Choice(BrokerMode mode, String reason) {}
}
