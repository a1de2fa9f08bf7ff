package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.PartitionNumbers;
import dev.isostream.spi.Place;
import dev.isostream.spi.log.LogLanes;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.jspecify.annotations.Nullable;

/**
 * A topic as it was when something was opened on it: partitioned, or a topic by itself.
 *
 * <p>A position's words are ledger, entry, and number within the batch; 0 where there is no batch.
 *
 * @param nativeNames those of the partitions, in their order
 */
record PulsarTopic(String name, List<String> nativeNames) implements LogLanes {

  private static final int WORDS = 3;

  PulsarTopic {
    nativeNames = List.copyOf(nativeNames);
  }

  /** One of its partitions; named by its number, from 0. */
  record Partition(PulsarTopic topic, int number, String name, String nativeName) {

    Position position(long ledger, long entry, long index) {
      return Position.of("pulsar", topic.name(), name, null, ledger, entry, index);
    }

    Position position(MessageId id) {
      MessageIdAdv known = (MessageIdAdv) id;
      return position(known.getLedgerId(), known.getEntryId(), index(known));
    }

    Position position(Message<?> message) {
      return position(message.getMessageId());
    }
  }

  static long index(MessageIdAdv id) {
    return Math.max(0, id.getBatchIndex());
  }

  int partitions() {
    return nativeNames.size();
  }

  Partition partition(int number) {
    return new Partition(this, number, Integer.toString(number), nativeNames.get(number));
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
    Position position = Position.of("pulsar", name, partition(partition).name(), null, words);
    if (!isPossible(position)) {
      throw new DriverException(ErrorKind.INVALID, position + " is no position of a topic.", null);
    }
    return position;
  }

  /** The position that a place is at or behind; null for the origin. */
  static @Nullable Position position(Place place) {
    if (place instanceof Place.At at) {
      return at.position();
    }
    return place instanceof Place.After after ? after.position() : null;
  }

  /** Whether Pulsar can have made a position; it may come from anywhere (contract E5). */
  static boolean isPossible(Position position) {
    return position.wordCount() == WORDS
        && position.word(0) >= 0
        && position.word(1) >= 0
        && position.word(2) >= 0
        && position.word(2) <= Integer.MAX_VALUE;
  }

  /** The entry of a position. */
  static MessageId entry(Position position) {
    return new MessageIdImpl(position.word(0), position.word(1), -1);
  }
}
