package dev.isostream.redis;

import dev.isostream.Position;
import dev.isostream.spi.PartitionNumbers;
import dev.isostream.spi.Place;

/**
 * A topic as it was when something was opened on it.
 *
 * @param incarnation the topic's id, which a topic made anew under the same name does not have
 * @param retentionLength the most entries of a partition; empty for no bound
 * @param retentionAge the greatest age of an entry in milliseconds; empty for no bound
 */
record RedisTopic(
    String name,
    String incarnation,
    int partitions,
    String retentionLength,
    String retentionAge,
    RedisKeys keys) {

  Position position(int partition, RedisId id) {
    return Position.of(
        "redis", name, Integer.toString(partition), incarnation, id.millis(), id.number());
  }

  /** The number of a partition. Fails where the name is no partition's. */
  int partition(String partition) {
    return PartitionNumbers.of(name, partition, Integer.MAX_VALUE);
  }

  /** Whether a place lies in this topic, and is none that Redis can't have made (contract E5). */
  boolean holds(Place place) {
    Position position =
        place instanceof Place.At at
            ? at.position()
            : place instanceof Place.After after ? after.position() : null;
    if (position == null) {
      return true;
    }
    return position.wordCount() == 2
        && position.word(0) >= 0
        && position.word(1) >= 0
        && (position.incarnation() == null || incarnation.equals(position.incarnation()));
  }
}
