package dev.isostream.engine.simulation;

import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One partition: a list that grows at its end, until it is closed. */
final class SimPartition {

  final SimTopic topic;
  final String name;
  final int hashFrom;
  final int hashTo;
  final List<SimPartition> parents;
  final List<SimRecord> log = new ArrayList<>();

  /** By producer, the highest sequence stored. */
  final Map<String, Long> sequences = new HashMap<>();

  boolean closed;
  long nextOffset;
  long lastMillis;
  long lastNumber;

  SimPartition(SimTopic topic, String name, int hashFrom, int hashTo, List<SimPartition> parents) {
    this.topic = topic;
    this.name = name;
    this.hashFrom = hashFrom;
    this.hashTo = hashTo;
    this.parents = parents;
  }

  Position position(long... words) {
    return Position.of("sim", topic.name, name, null, words);
  }

  /** The place in the list of the first message behind a place. */
  int indexOf(Place place) {
    if (place instanceof Place.At at) {
      return lowerBound(at.position(), false);
    }
    if (place instanceof Place.After after) {
      return lowerBound(after.position(), true);
    }
    if (place instanceof Place.Since since) {
      for (SimRecord message : log) {
        if (!message.timestamp().isBefore(since.timestamp())) {
          return message.index;
        }
      }
      return log.size();
    }
    return place == Place.Latest.INSTANCE ? log.size() : 0;
  }

  private int lowerBound(Position position, boolean behind) {
    int low = 0;
    int high = log.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = log.get(middle).position().compareTo(position);
      if (order < 0 || (order == 0 && behind)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The place before the message of this index, in words that a cursor may hold. */
  Place placeAt(int index) {
    if (topic.shape.dense()) {
      return new Place.At(
          position(index < log.size() ? log.get(index).position().word(0) : nextOffset));
    }
    return index == 0 ? Place.Origin.INSTANCE : new Place.After(log.get(index - 1).position());
  }
}
