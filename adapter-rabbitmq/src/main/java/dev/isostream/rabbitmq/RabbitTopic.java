package dev.isostream.rabbitmq;

import com.rabbitmq.stream.impl.HashUtils;
import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.PartitionNumbers;
import dev.isostream.spi.Place;
import dev.isostream.spi.WireBytes;
import dev.isostream.spi.log.LogLanes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A topic as it was when something was opened on it: a super stream, or a stream by itself.
 *
 * @param streams those of the partitions, in their order
 */
record RabbitTopic(String name, List<String> streams) implements LogLanes {

  RabbitTopic {
    streams = List.copyOf(streams);
  }

  /** One of its partitions; named by its number, from 0. */
  record Partition(RabbitTopic topic, int number, String name, String stream) {

    Position position(long offset) {
      return Position.of("rabbitmq", topic.name(), name, null, offset);
    }
  }

  int partitions() {
    return streams.size();
  }

  Partition partition(int number) {
    return new Partition(this, number, Integer.toString(number), streams.get(number));
  }

  /** Fails where the name is no partition's. */
  Partition partition(String partition) {
    return partition(PartitionNumbers.of(name, partition, partitions()));
  }

  @Override
  public List<String> names() {
    return IntStream.range(0, partitions()).mapToObj(Integer::toString).toList();
  }

  @Override
  public Position position(String partition, long... words) {
    Position position = Position.of("rabbitmq", name, partition(partition).name(), null, words);
    if (!isPossible(new Place.At(position))) {
      throw new DriverException(ErrorKind.INVALID, position + " is no position of a stream.", null);
    }
    return position;
  }

  /** Where a key goes: as the stream client's own producer of super streams does it. */
  int partitionOf(byte[] key) {
    return Integer.remainderUnsigned(HashUtils.MURMUR3.applyAsInt(hashed(key)), partitions());
  }

  /** The text; for keys that are none, their bytes as characters. */
  private static String hashed(byte[] key) {
    String text = WireBytes.text(key);
    return text == null ? new String(key, StandardCharsets.ISO_8859_1) : text;
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
   * Whether a place may be one of a stream; none that RabbitMQ can't have made is (contract E5).
   */
  static boolean isPossible(Place place) {
    Position position =
        place instanceof Place.At at
            ? at.position()
            : place instanceof Place.After after ? after.position() : null;
    return position == null
        || (position.wordCount() == 1
            && position.word(0) >= 0
            && position.word(0) < Long.MAX_VALUE);
  }
}
