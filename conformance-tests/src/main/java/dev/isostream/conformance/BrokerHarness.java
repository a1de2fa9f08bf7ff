package dev.isostream.conformance;

import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.spi.Driver;
import java.util.Map;
import java.util.Set;

/**
 * What an adapter's author implements to run the kit: a backend, ready to be used and misused.
 *
 * <p>A method that can't do its part here, for a reason outside the adapter (a broker that someone
 * else runs must not be killed), throws {@link NotAvailableException}; the rule is then reported as
 * not run, with that reason.
 *
 * <p>Threads: safe from any. Blocks: each method until its effect is there.
 */
public interface BrokerHarness extends AutoCloseable {

  /** The backend's name in reports: the adapter's scheme. */
  String backend();

  /** How the backend is had, for reports: for example {@code local} or {@code containers}. */
  String mode();

  /** How patient the kit is to be. */
  Timing timing();

  /**
   * A fresh connection, as another process would make it.
   *
   * @param properties to be set beside the harness's own, by full name; they win
   */
  Messaging connect(Map<String, String> properties);

  /**
   * A connection made wrongly. May fail itself, as using it has to.
   *
   * @param topic exists where it leads to, for others
   */
  Messaging connectWrongly(Mistake mistake, String topic);

  /** A driver of its own, for what has to be written behind the engine's back. */
  Driver driver();

  /** The backend's own client. */
  Foreign foreign();

  /**
   * Removes all messages of the position's partition that are stored before it, as retention does.
   *
   * @param earliest in a topic that was created with {@link #trimmable} and whose messages were
   *     each stored by itself
   */
  void trim(Position earliest);

  /**
   * The properties of a connection whose new topics can be trimmed at any message; none where all
   * can.
   */
  default Map<String, String> trimmable() {
    return Map.of();
  }

  /** Means to do harm. */
  Faults faults();

  /** Values of secrets in use here, which must show nowhere (contract E4). */
  default Set<String> secrets() {
    return Set.of();
  }

  /** Ends the backend if this has started it. */
  @Override
  void close();
}
