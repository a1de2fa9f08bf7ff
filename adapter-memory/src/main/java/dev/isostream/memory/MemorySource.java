package dev.isostream.memory;

import dev.isostream.Position;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads lanes. Confined to its owner, but for {@link #wakeup}. */
class MemorySource implements Source {

  private final MemoryConnection connection;
  private final MemoryTopic topic;
  private final int maxPollRecords;
  private final long maxPollBytes;
  private final Doorbell doorbell = new Doorbell();
  private final Map<Lane, Reading> readings = new HashMap<>();

  /** Replaced when it changes, as listeners change it while it is gone through. */
  private Reading[] inTurn = {};

  private int turn;
  private volatile boolean woken;

  MemorySource(
      MemoryConnection connection, MemoryTopic topic, int maxPollRecords, long maxPollBytes) {
    this.connection = connection;
    this.topic = topic;
    this.maxPollRecords = maxPollRecords;
    this.maxPollBytes = maxPollBytes;
    connection.add(doorbell);
  }

  final MemoryConnection connection() {
    return connection;
  }

  final MemoryTopic topic() {
    return topic;
  }

  final Doorbell doorbell() {
    return doorbell;
  }

  @Override
  public final void poll(Duration maxWait, SourceListener listener) {
    long left = maxWait.toNanos();
    while (true) {
      doorbell.hush();
      connection.expireParked();
      boolean told = tellNews(listener);
      told = tellRecords(listener) || told;
      if (told || woken || left <= 0) {
        woken = false;
        return;
      }
      long wait = Math.min(left, patience());
      left -= wait - Math.max(0, doorbell.await(wait));
    }
  }

  /** Tells what there is besides records; whether there was anything. */
  boolean tellNews(SourceListener listener) {
    if (enter()) {
      connection.exit();
    }
    return false;
  }

  /**
   * Begins a request about the topic; {@link MemoryConnection#exit} ends it.
   *
   * @return whether the broker answers
   */
  final boolean enter() {
    if (!connection.enter(() -> {}, this::unheard)) {
      return false;
    }
    boolean entered = false;
    try {
      topic.checkExists();
      connection.authorize(topic.name());
      entered = true;
      return true;
    } finally {
      if (!entered) {
        connection.exit();
      }
    }
  }

  /** How long to wait at most before looking again, in nanoseconds. */
  long patience() {
    return Long.MAX_VALUE;
  }

  /** What arrives at the broker where the reply gets lost. */
  void unheard() {}

  private boolean tellRecords(SourceListener listener) {
    Reading[] all = inTurn;
    int first = turn++;
    int room = maxPollRecords;
    long bytes = maxPollBytes;
    boolean told = false;
    for (int i = 0; i < all.length && room > 0 && bytes > 0; i++) {
      Reading reading = all[Math.floorMod(first + i, all.length)];
      List<MemoryRecord> records = fetch(reading, room, bytes, listener);
      if (!records.isEmpty()) {
        told = true;
        room -= records.size();
        bytes -= sizeOf(records);
        reading.next += records.size();
        listener.records(reading.lane, records);
      }
    }
    return told;
  }

  private List<MemoryRecord> fetch(Reading reading, int room, long bytes, SourceListener listener) {
    if (!reading.reads() || !enter()) {
      return List.of();
    }
    List<MemoryRecord> records;
    try {
      records = reading.partition.read(reading.next, room, bytes);
    } finally {
      connection.exit();
    }
    if (records == null) {
      tellRemoved(reading, listener);
      return List.of();
    }
    return records;
  }

  private static void tellRemoved(Reading reading, SourceListener listener) {
    reading.stranded = true;
    long start = reading.partition.bounds().start();
    Position position = reading.partition.position(start);
    List<MemoryRecord> first = reading.partition.read(start, 1, Long.MAX_VALUE);
    boolean some = first != null && !first.isEmpty();
    listener.removed(reading.lane, new Place.At(position), some ? position : null);
  }

  private static long sizeOf(List<MemoryRecord> records) {
    long bytes = 0;
    for (int i = 0; i < records.size(); i++) {
      bytes += records.get(i).sizeBytes();
    }
    return bytes;
  }

  @Override
  public final void wakeup() {
    woken = true;
    doorbell.ring();
  }

  @Override
  public final void read(Lane lane, Place place) {
    MemoryPartition partition = topic.partition(lane.name());
    long offset = partition.offsetOf(place);
    Reading there = readings.get(lane);
    if (there == null) {
      there = new Reading(lane, partition, doorbell);
      readings.put(lane, there);
      partition.watch(there);
      renewTurns();
    }
    there.next = offset;
    there.stranded = false;
  }

  @Override
  public final void pause(Lane lane) {
    Reading there = readings.get(lane);
    if (there != null) {
      there.paused = true;
    }
  }

  @Override
  public final void resume(Lane lane) {
    Reading there = readings.get(lane);
    if (there != null) {
      there.paused = false;
    }
  }

  @Override
  public final void stop(Lane lane) {
    Reading there = readings.remove(lane);
    if (there != null) {
      there.stopped = true;
      there.partition.unwatch(there);
      renewTurns();
    }
  }

  private void renewTurns() {
    inTurn = readings.values().toArray(new Reading[0]);
  }

  @Override
  public final boolean hasReached(Lane lane, Place end) {
    Reading there = readings.get(lane);
    return there != null
        && there.next >= there.partition.offsetOf(end)
        && there.next <= there.partition.bounds().end(); // beyond it is a place that is none
  }

  @Override
  public void close() {
    for (Lane lane : List.copyOf(readings.keySet())) {
      stop(lane);
    }
    connection.remove(doorbell);
  }

  /** One lane being read. */
  private static final class Reading implements MemoryPartition.Watcher {
    final Lane lane;
    final MemoryPartition partition;
    private final Doorbell doorbell;

    /** The offset to read next; -1 where the place lies in a former topic. */
    long next;

    /** Whether the place is gone and the engine has not chosen another. */
    volatile boolean stranded;

    volatile boolean paused;
    volatile boolean stopped;

    Reading(Lane lane, MemoryPartition partition, Doorbell doorbell) {
      this.lane = lane;
      this.partition = partition;
      this.doorbell = doorbell;
    }

    boolean reads() {
      return !paused && !stranded && !stopped;
    }

    @Override
    public void changed() {
      if (reads()) {
        doorbell.ring();
      }
    }
  }
}
