package dev.isostream.core.admin;

import dev.isostream.InvalidPositionException;
import dev.isostream.Position;
import dev.isostream.PositionRemovedException;
import dev.isostream.StartAt;
import dev.isostream.UnsupportedCursorException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Works out a group's new cursors: one for each lane, with the place that the target is there, and
 * of the old state only what belongs to the group itself (contract R7).
 */
final class Reset {

  private static final Logger LOG = System.getLogger(Reset.class.getName());

  private final EngineContext context;
  private final Question question;
  private final Admin.TopicInfo topic;
  private final Admin.GroupInfo group;

  Reset(EngineContext context, Question question, Admin.TopicInfo topic, Admin.GroupInfo group) {
    this.context = context;
    this.question = question;
    this.topic = topic;
    this.group = group;
  }

  /**
   * The new cursors by lane.
   *
   * <p>Fails: {@link PositionRemovedException}, {@link InvalidPositionException}.
   */
  Map<String, StoredCursor> cursors(StartAt target) {
    if (target instanceof StartAt.At at) {
      checkPositions(at);
    }
    Map<String, Place> wanted = new HashMap<>();
    topic.partitions().forEach(partition -> wanted.put(partition, place(target, partition)));
    Map<String, Place> located = locate(wanted);
    Map<String, StoredCursor> cursors = new HashMap<>();
    located.forEach(
        (partition, place) -> cursors.put(partition, new StoredCursor(place, state(partition))));
    return cursors;
  }

  private Map<String, Place> locate(Map<String, Place> wanted) {
    return question.ask(() -> context.driver().admin().locate(topic.topic(), wanted));
  }

  private static Place place(StartAt target, String partition) {
    if (target instanceof StartAt.Latest) {
      return Place.Latest.INSTANCE;
    }
    if (target instanceof StartAt.Timestamp since) {
      return new Place.Since(since.timestamp());
    }
    if (target instanceof StartAt.At at) {
      for (Position position : at.positions()) {
        if (position.partition().equals(partition)) {
          return at.inclusive() ? new Place.At(position) : new Place.After(position);
        }
      }
    }
    return Place.Earliest.INSTANCE;
  }

  private byte[] state(String lane) {
    Admin.LaneInfo info = group.lanes().get(lane);
    byte[] old = info == null ? new byte[0] : info.cursor().state();
    try {
      return CursorState.resetState(old);
    } catch (UnsupportedCursorException e) {
      // Asked for by name, and the way out that members are told; the record is made anew.
      LOG.log(Level.WARNING, "A stored cursor that this version can't read is replaced.", e);
      return CursorState.resetState(new byte[0]);
    }
  }

  private void checkPositions(StartAt.At at) {
    Map<String, Place> first = new HashMap<>();
    Map<String, Place> end = new HashMap<>();
    for (Position position : at.positions()) {
      if (!topic.partitions().contains(position.partition())) {
        throw new InvalidPositionException(
            "Topic \""
                + topic.topic()
                + "\" has no partition "
                + position.partition()
                + ", which the position \""
                + position
                + "\" is in.");
      }
      first.put(position.partition(), Place.Earliest.INSTANCE);
      end.put(position.partition(), Place.Latest.INSTANCE);
    }
    Map<String, Place> firsts = locate(first);
    Map<String, Place> ends = locate(end);
    for (Position position : at.positions()) {
      String partition = position.partition();
      check(position, at.inclusive(), firsts.get(partition), ends.get(partition));
    }
  }

  private void check(
      Position position, boolean inclusive, @Nullable Place first, @Nullable Place end) {
    String incarnation = topic.incarnation();
    if (incarnation != null
        && position.incarnation() != null
        && !incarnation.equals(position.incarnation())) {
      throw removed(position, first, "the topic was made anew since");
    }
    if (isBefore(position, inclusive, first)) {
      throw removed(position, first, "the backend no longer has it");
    }
    if (isBeyond(position, end)) {
      throw new InvalidPositionException(
          "The position \""
              + position
              + "\" is beyond the last message of its partition; nothing was ever stored there.");
    }
  }

  /** Where it starts behind a removed message, that may be right at the first one left. */
  private boolean isBefore(Position position, boolean inclusive, @Nullable Place first) {
    if (first instanceof Place.At at) {
      return position.compareTo(at.position()) < 0
          && (inclusive || !isNext(position, at.position()));
    }
    if (first instanceof Place.After after) {
      int order = position.compareTo(after.position());
      return inclusive ? order <= 0 : order < 0;
    }
    return false;
  }

  private boolean isNext(Position position, Position next) {
    return context.driver().traits().densePositions() && next.word(0) - position.word(0) == 1;
  }

  private static boolean isBeyond(Position position, @Nullable Place end) {
    if (end instanceof Place.At at) {
      return position.compareTo(at.position()) >= 0;
    }
    if (end instanceof Place.After after) {
      return position.compareTo(after.position()) > 0;
    }
    return end instanceof Place.Origin;
  }

  private static PositionRemovedException removed(
      Position position, @Nullable Place first, String why) {
    Position earliest = first instanceof Place.At at ? at.position() : null;
    String left =
        earliest == null ? "" : " The earliest one left in its partition is \"" + earliest + "\".";
    return new PositionRemovedException(
        "The position \"" + position + "\" can't be gone to: " + why + "." + left,
        position,
        earliest,
        null);
  }
}
