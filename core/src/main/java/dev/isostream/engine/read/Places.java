package dev.isostream.engine.read;

import dev.isostream.InvalidPositionException;
import dev.isostream.InvalidRequestException;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.StartAt;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes places that a source can go to of what applications say. Immutable. */
final class Places {

  private final EngineContext context;
  private final String topic;

  Places(EngineContext context, String topic) {
    this.context = context;
    this.topic = topic;
  }

  /** Refuses partitions that the topic does not have. */
  void check(Set<String> wanted, List<String> existing) {
    for (String partition : wanted) {
      if (!existing.contains(partition)) {
        throw new InvalidRequestException(
            "Topic "
                + topic
                + " has no partition \""
                + partition
                + "\"; it has "
                + existing
                + ". Choose among those.");
      }
    }
  }

  /**
   * Where to start in each of these partitions.
   *
   * <p>Blocks: as the question does, where the broker has to be asked.
   *
   * <p>Fails: {@link InvalidPositionException} for positions that do not belong here.
   */
  Map<String, Place> find(Question question, StartAt start, Collection<String> partitions) {
    if (start instanceof StartAt.At at) {
      at.positions().forEach(position -> check(position, partitions));
    }
    Map<String, Place> found = new HashMap<>();
    Map<String, Place> asked = new HashMap<>();
    for (String partition : partitions) {
      Place place = placeOf(start, partition);
      if (place instanceof Place.At || place instanceof Place.After) {
        found.put(partition, place);
      } else {
        asked.put(partition, place);
      }
    }
    found.putAll(locate(question, asked));
    return found;
  }

  /** The end of each of these partitions, as it is now. */
  Map<String, Place> ends(Question question, Collection<String> partitions) {
    Map<String, Place> asked = new HashMap<>();
    for (String partition : partitions) {
      asked.put(partition, Place.Latest.INSTANCE);
    }
    return locate(question, asked);
  }

  private static Place placeOf(StartAt start, String partition) {
    if (start instanceof StartAt.Latest) {
      return Place.Latest.INSTANCE;
    }
    if (start instanceof StartAt.Timestamp since) {
      return new Place.Since(since.timestamp());
    }
    if (start instanceof StartAt.At at) {
      for (Position position : at.positions()) {
        if (position.partition().equals(partition)) {
          return at.inclusive() ? new Place.At(position) : new Place.After(position);
        }
      }
    }
    return Place.Earliest.INSTANCE;
  }

  private void check(Position position, Collection<String> partitions) {
    if (!position.topic().equals(topic) || !partitions.contains(position.partition())) {
      throw new InvalidPositionException(
          "The position \""
              + position
              + "\" does not belong here: this reads topic "
              + topic
              + ", partitions "
              + partitions
              + ".");
    }
  }

  private Map<String, Place> locate(Question question, Map<String, Place> asked) {
    if (asked.isEmpty()) {
      return Map.of();
    }
    Map<String, Place> found = question.ask(() -> context.driver().admin().locate(topic, asked));
    for (String partition : asked.keySet()) {
      if (!found.containsKey(partition)) {
        throw new InvalidRequestException(
            "Topic " + topic + " has no partition \"" + partition + "\" any more.");
      }
    }
    return found;
  }

  /** The exception for a place that the source does not take. */
  MessagingException refused(Place place, RuntimeException failure) {
    boolean byApplication = place instanceof Place.At || place instanceof Place.After;
    if (byApplication && Errors.kindOf(failure) == ErrorKind.INVALID) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      return new InvalidPositionException(
          "The position in "
              + place
              + " does not belong to topic "
              + topic
              + " here: "
              + Errors.describe(failure),
          cause);
    }
    return Errors.translate("reading topic " + topic, failure);
  }
}
