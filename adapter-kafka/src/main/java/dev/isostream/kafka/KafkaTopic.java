package dev.isostream.kafka;

import dev.isostream.Position;
import dev.isostream.spi.PartitionNumbers;
import dev.isostream.spi.Place;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A topic as it was when something was opened on it.
 *
 * @param incarnation the topic's id, which a topic made anew under the same name does not have
 */
record KafkaTopic(String name, @Nullable String incarnation, int partitions) {

  /** One of its partitions. */
  record Partition(KafkaTopic topic, TopicPartition id, String name) {

    Position position(long offset) {
      return Position.of("kafka", topic.name(), name, topic.incarnation(), offset);
    }
  }

  Partition partition(int number) {
    return new Partition(this, new TopicPartition(name, number), Integer.toString(number));
  }

  /** Fails where the name is no partition's. */
  Partition partition(String partition) {
    return partition(PartitionNumbers.of(name, partition, Integer.MAX_VALUE));
  }

  /** The offset of a place's first message. */
  static long offset(Place place) {
    if (place instanceof Place.At at) {
      return Math.max(0, at.position().word(0));
    }
    if (place instanceof Place.After after) {
      return Math.max(0, after.position().word(0) + 1);
    }
    if (place instanceof Place.Origin) {
      return 0;
    }
    throw new IllegalArgumentException("not a place to read from: " + place);
  }

  /**
   * Whether a place lies in this topic, and not in a former one of its name; none that Kafka can't
   * have made does (contract E5).
   */
  boolean holds(Place place) {
    Position position =
        place instanceof Place.At at
            ? at.position()
            : place instanceof Place.After after ? after.position() : null;
    if (position == null) {
      return true;
    }
    return position.wordCount() == 1
        && position.word(0) >= 0
        && (incarnation == null
            || position.incarnation() == null
            || incarnation.equals(position.incarnation()));
  }
}
