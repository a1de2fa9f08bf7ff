package dev.isostream.memory;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One log: messages by offset, from 0, without gaps, timestamps never going back. Thread-safe; its
 * lock is a leaf.
 */
final class MemoryPartition {

  private static final int SEGMENT = 1024;

  /** Told, on the appending thread and outside the lock, that there is more or less than before. */
  interface Watcher {
    void changed();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final CopyOnWriteArrayList<Watcher> watchers = new CopyOnWriteArrayList<>();
  private final String topic;
  private final String incarnation;
  private final String name;
  private final long retentionMessages;

  /** Guarded by the lock, as are the rest. */
  private final List<@Nullable MemoryRecord[]> segments = new ArrayList<>();

  private long firstSegmentOffset;
  private long start;
  private long end;
  private Instant lastTimestamp = Instant.MIN;

  MemoryPartition(String topic, String incarnation, String name, long retentionMessages) {
    this.topic = topic;
    this.incarnation = incarnation;
    this.name = name;
    this.retentionMessages = retentionMessages;
  }

  String name() {
    return name;
  }

  Position position(long offset) {
    return Position.of(MemoryDriverProvider.SCHEME, topic, name, incarnation, offset);
  }

  void watch(Watcher watcher) {
    watchers.add(watcher);
  }

  void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }

  /** To append several under one lock; {@link #unlock} afterwards. */
  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
    for (Watcher watcher : watchers) {
      watcher.changed();
    }
  }

  /** Called with the lock held. */
  MemoryRecord append(
      byte @Nullable [] key, byte @Nullable [] payload, Headers headers, Instant now) {
    if (now.isAfter(lastTimestamp)) {
      lastTimestamp = now;
    }
    MemoryRecord record = new MemoryRecord(this, end, key, payload, headers, lastTimestamp);
    int index = (int) (end - firstSegmentOffset);
    if (index == segments.size() * SEGMENT) {
      segments.add(new @Nullable MemoryRecord[SEGMENT]);
    }
    segments.get(index / SEGMENT)[index % SEGMENT] = record;
    end++;
    if (end - start > retentionMessages) {
      trimLocked(end - retentionMessages);
    }
    return record;
  }

  /** Removes everything before an offset, at most everything there is. */
  void trim(long offset) {
    lock();
    try {
      trimLocked(Math.min(offset, end));
    } finally {
      unlock();
    }
  }

  private void trimLocked(long offset) {
    while (start < offset) {
      int index = (int) (start - firstSegmentOffset);
      segments.get(index / SEGMENT)[index % SEGMENT] = null;
      start++;
    }
    int whole = (int) ((start - firstSegmentOffset) / SEGMENT);
    if (whole > 0) {
      segments.subList(0, whole).clear();
      firstSegmentOffset += (long) whole * SEGMENT;
    }
  }

  /**
   * What is stored from an offset on.
   *
   * @return at least one where there is one; null where the offset is outside of the log
   */
  @Nullable List<MemoryRecord> read(long offset, int maxRecords, long maxBytes) {
    MemoryRecord[] found;
    lock.lock();
    try {
      if (offset < start || offset > end) {
        return null;
      }
      found = copy(offset, (int) Math.min(maxRecords, end - offset));
    } finally {
      lock.unlock();
    }
    if (found.length == 0) {
      return List.of();
    }
    int fitting = fitting(found, maxBytes);
    List<MemoryRecord> records = Arrays.asList(found);
    return fitting == found.length ? records : records.subList(0, fitting);
  }

  private MemoryRecord[] copy(long offset, int count) {
    MemoryRecord[] records = new MemoryRecord[count];
    int copied = 0;
    while (copied < count) {
      int index = (int) (offset + copied - firstSegmentOffset);
      int within = index % SEGMENT;
      int more = Math.min(count - copied, SEGMENT - within);
      System.arraycopy(segments.get(index / SEGMENT), within, records, copied, more);
      copied += more;
    }
    return records;
  }

  private static int fitting(MemoryRecord[] records, long maxBytes) {
    long bytes = records[0].sizeBytes();
    int fitting = 1;
    while (fitting < records.length) {
      bytes += records[fitting].sizeBytes();
      if (bytes > maxBytes) {
        break;
      }
      fitting++;
    }
    return fitting;
  }

  /** The log's bounds now. */
  Bounds bounds() {
    lock.lock();
    try {
      return new Bounds(start, end);
    } finally {
      lock.unlock();
    }
  }

  /** The first offset whose timestamp is this or later; the end if there is none. */
  long firstSince(Instant timestamp) {
    lock.lock();
    try {
      long low = start;
      long high = end;
      while (low < high) {
        long middle = (low + high) >>> 1;
        if (copy(middle, 1)[0].timestamp().isBefore(timestamp)) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    } finally {
      lock.unlock();
    }
  }

  /** The offset of a place's first message; -1 where it lies in a former topic of this name. */
  long offsetOf(Place place) {
    if (place instanceof Place.At at) {
      return holds(at.position()) ? at.position().word(0) : -1;
    }
    if (place instanceof Place.After after) {
      return holds(after.position()) ? after.position().word(0) + 1 : -1;
    }
    if (place instanceof Place.Origin) {
      return 0;
    }
    throw MemoryErrors.invalid(place + " is no place to read from");
  }

  private boolean holds(Position position) {
    if (!position.backend().equals(MemoryDriverProvider.SCHEME)
        || !position.topic().equals(topic)
        || !position.partition().equals(name)
        || position.wordCount() != 1) {
      throw MemoryErrors.invalid(
          position + " is no position of partition " + name + " of the memory topic " + topic);
    }
    return position.incarnation() == null || incarnation.equals(position.incarnation());
  }

  /**
   * What a log holds.
   *
   * @param start of the first message left; the end where none is
   * @param end behind the last message
   */
  record Bounds(long start, long end) {}
}
