package dev.isostream.engine.simulation;

import dev.isostream.Position;
import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.Spot;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One group at the broker: who has which lane, and what is stored. */
final class SimGroup {

  final SimBroker broker;
  final SimTopic topic;
  final String name;
  final SimLeases table = new SimLeases();
  final SimCoordinator coordinator;

  /** Numbers of the messages that are settled durably. */
  final Set<Long> covered = new HashSet<>();

  /** Where the group starts in the one lane. */
  private long queueFrom = -1;

  private final Set<Position> queueAcked = new HashSet<>();

  SimGroup(SimBroker broker, SimTopic topic, String name) {
    this.broker = broker;
    this.topic = topic;
    this.name = name;
    this.coordinator = new SimCoordinator(broker, this);
    table.changes(
        new SimLeases.Changes() {
          @Override
          public void acquired(SimLeases.Row row, String memberId) {
            broker.history.assigned(SimGroup.this, row.lane, row.epoch, memberId);
          }

          @Override
          public void released(SimLeases.Row row) {
            broker.history.unassigned(SimGroup.this, row.lane, row.epoch, true);
          }

          @Override
          public void wanted(SimLeases.Row row) {
            broker.history.leaving(SimGroup.this, row.lane, row.epoch);
          }
        });
    addLanes();
  }

  /** Makes rows for lanes that are new. */
  void addLanes() {
    if (topic.shape.oneLane()) {
      table.add(SimTopic.QUEUE, true);
      return;
    }
    for (SimPartition partition : topic.partitions) {
      if (!table.rows().containsKey(partition.name)) {
        SimLeases.Row row = table.add(partition.name, table.rows().isEmpty());
        row.listed = () -> partition.parents.stream().allMatch(this::isEnded);
      }
    }
  }

  private boolean isEnded(SimPartition partition) {
    SimLeases.Row row = table.rows().get(partition.name);
    return row != null && row.ended;
  }

  SimLeases.Row row(String lane) {
    SimLeases.Row row = table.rows().get(lane);
    if (row == null) {
      throw new IllegalArgumentException("No lane " + lane);
    }
    return row;
  }

  /** Stores a cursor under the lane's epoch; says why not. */
  @Nullable DriverException store(String memberId, LaneCommit commit) {
    SimLeases.Row row = row(commit.lane().name());
    if (row.epoch != commit.lane().epoch() || !memberId.equals(row.owner)) {
      if (!broker.breakage.acceptsStaleCommits) {
        return new DriverException(ErrorKind.FENCED, "Lane " + row.lane + " is another's", null);
      }
    }
    StoredCursor cursor = broker.breakage.stored(commit.cursor());
    if (cursor.state().length > Shape.CURSOR_BYTES) {
      broker.history.violation(
          "D4", "a cursor of " + cursor.state().length + " bytes, in " + name + "/" + row.lane);
      return new DriverException(ErrorKind.TOO_LARGE, "A cursor too large", null);
    }
    row.cursor = cursor;
    row.ended |= commit.ended();
    if (topic.shape.oneLane()) {
      queueAcked.addAll(commit.settled());
      if (queueFrom < 0 && cursor.place() instanceof Place.At at) {
        queueFrom = at.position().word(0);
      }
    } else if (!commit.settled().isEmpty()) {
      broker.history.violation("SPI", "settled positions for a driver that takes none");
    }
    cover(row, commit.ended());
    note(row);
    broker.world.trace(
        "broker: %s/%s epoch %d stored %s%s",
        name, row.lane, row.epoch, cursor.place(), commit.ended() ? ", ended" : "");
    return null;
  }

  /** Compares what is covered now with what was. */
  private void cover(SimLeases.Row row, boolean ended) {
    StoredCursor cursor = row.cursor;
    if (cursor == null) {
      return;
    }
    if (topic.shape.oneLane()) {
      for (SimRecord message : topic.all) {
        mark(message, row, message.number < queueFrom || queueAcked.contains(message.position()));
      }
      return;
    }
    SimPartition partition = topic.partition(row.lane);
    int from = partition.indexOf(cursor.place());
    Set<Spot> settled = CursorState.read(cursor.state()).settled();
    for (SimRecord message : partition.log) {
      boolean now =
          message.index < from
              || (!settled.isEmpty() && settled.contains(Spot.of(message, topic.shape.dense())));
      mark(message, row, now);
    }
    if (ended && from < partition.log.size()) {
      broker.history.violation("D1", row.lane + " was said to have ended before its end");
    }
  }

  private void note(SimLeases.Row row) {
    StoredCursor cursor = row.cursor;
    Spot alone = cursor == null ? null : CursorState.read(cursor.state()).alone();
    SimRecord noted = null;
    if (alone != null) {
      List<SimRecord> log = topic.shape.oneLane() ? topic.all : topic.partition(row.lane).log;
      for (SimRecord message : log) {
        if (alone.equals(Spot.of(message, topic.shape.dense()))) {
          noted = message;
        }
      }
    }
    if (noted != null) {
      broker.world.trace("broker: %s/%s notes %s alone", name, row.lane, noted);
    }
    broker.history.noted(this, row.lane, row.epoch, noted);
  }

  private void mark(SimRecord message, SimLeases.Row row, boolean now) {
    if (now && covered.add(message.number)) {
      broker.history.covered(this, message, row.epoch);
    } else if (!now && covered.contains(message.number)) {
      covered.remove(message.number);
      broker.history.uncovered(this, message, row.epoch);
    }
  }

  boolean isCovered(SimRecord message) {
    return covered.contains(message.number);
  }

  /** The epoch under which this member has the lane of a message; -1 where it has not. */
  long epochOf(String memberId, SimRecord message) {
    String lane = topic.shape.oneLane() ? SimTopic.QUEUE : message.in.name;
    SimLeases.Row row = table.rows().get(lane);
    return row != null && memberId.equals(row.owner) ? row.epoch : -1;
  }

  /** In the one lane: whether a message is still to come. */
  boolean isQueued(SimRecord message) {
    return message.number >= Math.max(0, queueFrom) && !queueAcked.contains(message.position());
  }

  Map<String, StoredCursor> cursors() {
    Map<String, StoredCursor> cursors = new TreeMap<>();
    for (SimLeases.Row row : table.rows().values()) {
      if (row.cursor != null) {
        cursors.put(row.lane, row.cursor);
      }
    }
    return cursors;
  }

  /** Whether everything that the group is to get is settled durably. */
  boolean isAllCovered() {
    return covered.size() == topic.all.size();
  }
}
