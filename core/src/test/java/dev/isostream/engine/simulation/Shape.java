package dev.isostream.engine.simulation;

import dev.isostream.spi.DriverTraits;

/**
 * What kind of backend is simulated.
 *
 * @param name for people
 * @param assigns the broker deals lanes out; else the engine does, over leases
 * @param dense positions are counted; else they have two words and no rule
 * @param oneLane all partitions in one lane, with native acks
 * @param pushes records come by themselves, up to a credit
 * @param reshards partitions split and merge
 * @param inOrder as {@link DriverTraits#appendsInOrder}
 * @param refuses as {@link DriverTraits#refusesDuplicates}
 */
record Shape(
    String name,
    boolean assigns,
    boolean dense,
    boolean oneLane,
    boolean pushes,
    boolean reshards,
    boolean inOrder,
    boolean refuses) {

  static final int CURSOR_BYTES = 3072;
  static final int DUPLICATE_WINDOW = 1_000;

  /** The shapes that seeds choose from. */
  enum Kind {
    /** As Kafka. */
    ASSIGNED,
    /** As Redis. */
    LEASED,
    /** As Pulsar or a queue of RabbitMQ. */
    ONE_LANE,
    /** As a stream of RabbitMQ. */
    CREDIT,
    /** As Kinesis. */
    RESHARDING
  }

  static Shape of(Kind kind, boolean inOrder, boolean refuses) {
    return switch (kind) {
      case ASSIGNED -> new Shape("assigned", true, true, false, false, false, inOrder, refuses);
      case LEASED -> new Shape("leased", false, false, false, false, false, inOrder, refuses);
      case ONE_LANE -> new Shape("one lane", true, false, true, true, false, inOrder, refuses);
      case CREDIT -> new Shape("credit", false, true, false, true, false, inOrder, refuses);
      case RESHARDING -> new Shape("resharding", false, false, false, false, true, false, false);
    };
  }

  DriverTraits traits() {
    return new DriverTraits(
        assigns, inOrder, refuses, oneLane, dense, CURSOR_BYTES, 10, inOrder ? 5 : 20);
  }
}
