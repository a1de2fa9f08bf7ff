package dev.isostream;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Where reading starts. Immutable. */
public sealed interface StartAt {

  /** At the first message that is left. */
  static StartAt earliest() {
    return Earliest.INSTANCE;
  }

  /** Behind the last message, at a point between call and return (contract G1). */
  static StartAt latest() {
    return Latest.INSTANCE;
  }

  /** In each partition at the first message whose timestamp is this or later (contract R4). */
  static StartAt timestamp(Instant timestamp) {
    return new Timestamp(timestamp);
  }

  /** At these positions, their messages included; other partitions at their earliest. */
  static StartAt at(Position... positions) {
    return new At(List.of(positions), true);
  }

  /** As {@link #at(Position...)}. */
  static StartAt at(Collection<Position> positions) {
    return new At(List.copyOf(positions), true);
  }

  /** Right behind these positions; other partitions at their earliest. */
  static StartAt after(Position... positions) {
    return new At(List.of(positions), false);
  }

  /** As {@link #after(Position...)}. */
  static StartAt after(Collection<Position> positions) {
    return new At(List.copyOf(positions), false);
  }

  /** See {@link #earliest}. */
  enum Earliest implements StartAt {
    INSTANCE
  }

  /** See {@link #latest}. */
  enum Latest implements StartAt {
    INSTANCE
  }

  /** See {@link #timestamp}. */
  record Timestamp(Instant timestamp) implements StartAt {
    public Timestamp {
      Objects.requireNonNull(timestamp, "timestamp");
      // Backends count in milliseconds.
      timestamp = timestamp.isBefore(FIRST) ? FIRST : timestamp.isAfter(LAST) ? LAST : timestamp;
    }

    private static final Instant FIRST = Instant.ofEpochMilli(Long.MIN_VALUE);
    private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);
  }

  /** See {@link #at} and {@link #after}. At most one position per partition. */
  record At(List<Position> positions, boolean inclusive) implements StartAt {
    public At {
      positions = List.copyOf(positions);
      if (positions.isEmpty()) {
        throw new InvalidRequestException("Give at least one position to start at.");
      }
      long partitions = positions.stream().map(Position::partition).distinct().count();
      if (partitions != positions.size()) {
        throw new InvalidRequestException(
            "Give at most one position per partition to start at, not " + positions + ".");
      }
    }
  }
}
