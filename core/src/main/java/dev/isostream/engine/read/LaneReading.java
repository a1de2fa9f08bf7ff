package dev.isostream.engine.read;

import dev.isostream.Position;
import dev.isostream.engine.publish.DuplicateFilter;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import org.jspecify.annotations.Nullable;

/** How far one partition is read. Confined to the reader's lock. */
final class LaneReading {

  private final Lane lane;
  private final boolean dense;
  private final @Nullable DuplicateFilter copies;
  private final int window;

  /** Where the reader stops; null where it does not. */
  private final @Nullable Place end;

  private Place start;

  /** The last one told; null where none was since the start. */
  private @Nullable SourceRecord last;

  /** Whether what is told lies before the start, read only to know copies by (contract P4). */
  private boolean backing;

  /** Whether nothing more is to come. */
  private boolean over;

  LaneReading(
      String partition, Place start, @Nullable Place end, boolean dense, int duplicateWindow) {
    this.lane = new Lane(partition, 0, false);
    this.dense = dense;
    this.window = duplicateWindow;
    this.copies = duplicateWindow == 0 ? null : new DuplicateFilter(duplicateWindow);
    this.end = end;
    this.start = start;
    startAt(start);
  }

  /** Forgets what was read, to start elsewhere. */
  void startAt(Place place) {
    start = place;
    last = null;
    over = false;
    backing = false;
    if (copies != null) {
      copies.clear();
      backing = dense && position(place) != null;
    }
  }

  /** Goes on here, as what was expected is gone. */
  void continueAt(Place place) {
    start = place;
    last = null;
    backing = false;
  }

  Lane lane() {
    return lane;
  }

  String partition() {
    return lane.name();
  }

  @Nullable Place end() {
    return end;
  }

  boolean isOver() {
    return over;
  }

  void over() {
    over = true;
  }

  boolean isBacking() {
    return backing;
  }

  /** Where the source has to go on, or to start. */
  Place next() {
    if (last != null) {
      return new Place.After(last.position());
    }
    Position at = position(start);
    return backing && at != null ? new Place.At(back(at)) : start;
  }

  /** Where the application is, whatever is read before that. */
  Place start() {
    return start;
  }

  private Position back(Position at) {
    long first = Math.max(0, at.word(0) - window);
    return Position.of(at.backend(), at.topic(), at.partition(), at.incarnation(), first);
  }

  /** Whether only what was to be read back is gone, and not the start. */
  boolean isOnlyBackGone(Place earliest) {
    Position from = position(start);
    Position left = position(earliest);
    if (!backing || from == null || left == null) {
      return false;
    }
    boolean sameTopic =
        from.incarnation() == null
            || left.incarnation() == null
            || from.incarnation().equals(left.incarnation());
    long wanted = from.word(0) + (start instanceof Place.After ? 1 : 0);
    long got = left.word(0) + (earliest instanceof Place.After ? 1 : 0);
    return sameTopic && got <= wanted;
  }

  /** What was to come next, as far as is known. */
  @Nullable Position expected() {
    return last != null ? last.position() : position(start);
  }

  /** Takes note of one that was told; whether the application is to get it. */
  boolean accept(SourceRecord message) {
    last = message;
    boolean copy = copies != null && copies.isCopy(message);
    if (end != null && !isBefore(message, end)) {
      over = true;
      return false;
    }
    if (backing && isBefore(message, start)) {
      return false;
    }
    backing = false;
    return !copy;
  }

  /** Whether a message lies before a place of its partition. */
  boolean isBefore(SourceRecord message, Place place) {
    Position position = position(place);
    if (position == null) {
      return false; // the origin
    }
    int order =
        dense
            ? Long.compare(message.offset(), position.word(0))
            : message.position().compareTo(position);
    return place instanceof Place.After ? order <= 0 : order < 0;
  }

  private static @Nullable Position position(Place place) {
    if (place instanceof Place.At at) {
      return at.position();
    }
    return place instanceof Place.After after ? after.position() : null;
  }
}
