package dev.isostream.examples;

import dev.isostream.Delivery;
import dev.isostream.Position;
import java.util.List;

/**
 * What a member tells of one delivery, or of its share.
 *
 * @param attempt 0 where it is not about a delivery
 * @param text the order, or the partitions
 */
record Event(Kind kind, String member, String text, String customer, String position, int attempt) {

  /** What happened. */
  enum Kind {
    /** Partitions came to the member. */
    ASSIGNED,
    /** Partitions left the member. */
    REVOKED,
    /** The handler was called. */
    HANDED,
    /** The handler hangs in the middle of its work. */
    HANGING,
    /** The handler gave it back. */
    NACKED,
    /** The handler threw. */
    FAILED,
    /** The order is charged, and its ack is durable. */
    CHARGED,
    /** It is stored in the dead-letter topic, and settled. */
    DEAD
  }

  static Event of(Kind kind, String member, Delivery<Order> delivery) {
    Order order = delivery.payload();
    return new Event(
        kind,
        member,
        order.id(),
        order.customer(),
        delivery.position().toString(),
        delivery.attempt());
  }

  static Event ofShare(Kind kind, String member, Iterable<String> partitions) {
    return new Event(kind, member, String.join(",", partitions), "", "", 0);
  }

  /** As one line, for a member in a process of its own. */
  String line() {
    return String.join(
        "\t", kind.name(), member, text, customer, position, Integer.toString(attempt));
  }

  static Event parse(String line) {
    String[] parts = line.split("\t", -1);
    if (parts.length != 6) {
      throw new IllegalArgumentException("Not an event: " + line);
    }
    return new Event(
        Kind.valueOf(parts[0]), parts[1], parts[2], parts[3], parts[4], Integer.parseInt(parts[5]));
  }

  List<String> partitions() {
    return List.of(text.split(",", -1));
  }

  Position where() {
    return Position.parse(position);
  }
}
