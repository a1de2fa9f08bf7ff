package dev.isostream.rabbitmq;

import dev.isostream.spi.Lane;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One lane that is being read, and what of it was fetched. Guarded by its source's lock. */
final class RabbitLane {

  /** Credits are chunks; a chunk is at most some thousand messages, mostly far fewer. */
  static final int CREDITS = 3;

  final Lane lane;
  final RabbitTopic.Partition partition;

  /** Fetched, in order. */
  final ArrayDeque<RabbitRecords.Stored> fetched = new ArrayDeque<>();

  long fetchedBytes;

  /** The offset that comes next from the broker, where no message is missing. */
  long next;

  /** The offset that the engine is told next. */
  long toTell;

  /** Counts the places that were gone to: what belongs to a former one is dropped. */
  int generation;

  boolean paused;

  /** Whether a subscription is there or on its way. */
  boolean subscribed;

  /** -1 where there is none. */
  int subscription = -1;

  @Nullable RabbitLink link;

  /** Credits not given back yet. */
  int owed;

  /** Behind a jump, told of once it is known whether messages were removed there. */
  boolean doubtful;

  /** The place is gone: stands still until the engine says where to go on. */
  boolean gone;

  RabbitLane(Lane lane, RabbitTopic.Partition partition) {
    this.lane = lane;
    this.partition = partition;
  }

  void goTo(long offset) {
    generation++;
    fetched.clear();
    fetchedBytes = 0;
    next = offset;
    toTell = offset;
    owed = 0;
    doubtful = false;
    gone = false;
    subscribed = false;
  }

  void add(RabbitRecords.Stored record) {
    fetched.add(record);
    fetchedBytes += record.sizeBytes();
    next = record.offset() + 1;
  }

  /** Nothing of it may be told now, whatever was fetched. */
  boolean isHeldBack() {
    return paused || doubtful || gone;
  }

  /** Takes what may be told now, so many at most; its bytes make room for more. */
  List<SourceRecord> take(int room) {
    if (isHeldBack()) {
      return List.of();
    }
    List<SourceRecord> records = new ArrayList<>(Math.min(room, fetched.size()));
    while (records.size() < room) {
      RabbitRecords.Stored record = fetched.poll();
      if (record == null) {
        break;
      }
      fetchedBytes -= record.sizeBytes();
      toTell = record.offset() + 1;
      records.add(record);
    }
    return records;
  }
}
