package dev.isostream.benchmarks.kafka;

import java.util.Map;
import java.util.TreeMap;

/**
 * The settings that both contestants' clients have in common, said to both: nobody wins by a
 * default. What is not here is the client's default, on both sides.
 *
 * @param address of the broker
 * @param lingerMillis how long a batch waits to be filled
 */
record Clients(String address, int lingerMillis) {

  /** Properties of the producer by their native names. */
  Map<String, String> producer() {
    return new TreeMap<>(
        Map.of(
            "linger.ms",
            Integer.toString(lingerMillis),
            "batch.size",
            "16384",
            "compression.type",
            "none"));
  }
}
