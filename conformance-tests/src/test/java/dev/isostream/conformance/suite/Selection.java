package dev.isostream.conformance.suite;

import dev.isostream.conformance.NotAvailableException;
import dev.isostream.conformance.brokers.Brokers;

/** Which backends this run is to try. Stateless. */
final class Selection {

  private Selection() {}

  /** Fails: {@link NotAvailableException} where {@code -Dbrokers=} leaves it out. */
  static void require(String backend) {
    try (Brokers brokers = Brokers.fromSystemProperties()) {
      if (!brokers.isSelected(backend)) {
        throw new NotAvailableException(
            "not chosen: -Dbrokers=" + String.join(",", brokers.selected()));
      }
    }
  }
}
