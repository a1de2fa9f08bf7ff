package dev.isostream.examples;

import dev.isostream.Codecs;
import dev.isostream.Topic;

/**
 * The names that one run of the quickstart uses, so that it can run twice on one broker.
 *
 * @param id told from that of other runs
 */
record Run(String id) {

  static final String GROUP = "billing";
  static final int PARTITIONS = 4;
  static final int ATTEMPTS = 3;

  Topic<Order> orders() {
    return Topic.of("orders-" + id, Codecs.json(Order.class));
  }

  Topic<Order> dead() {
    return Topic.of("orders-" + id + ".dead", Codecs.json(Order.class));
  }
}
