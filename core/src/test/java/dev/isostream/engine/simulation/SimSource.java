package dev.isostream.engine.simulation;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads lanes of one topic, by asking for records or, with push, up to a credit. */
class SimSource implements Source {

  private static final int FETCH = 50;
  private static final int CREDIT = 100;

  final SimBroker broker;
  final SimProcess process;
  final SimTopic topic;
  private final @Nullable SimGroup group;
  private final int maxPollRecords;
  private final Map<Lane, Reading> readings = new LinkedHashMap<>();
  private boolean closed;

  SimSource(
      SimBroker broker,
      SimProcess process,
      SimTopic topic,
      @Nullable SimGroup group,
      int maxPollRecords) {
    this.broker = broker;
    this.process = process;
    this.topic = topic;
    this.group = group;
    this.maxPollRecords = maxPollRecords;
  }

  /** One lane as it is read. */
  private final class Reading {
    final Lane lane;
    final List<SimRecord> log;
    final @Nullable SimPartition partition;
    final Deque<SimRecord> buffer = new ArrayDeque<>();
    int next;
    boolean paused;
    boolean asking;
    boolean endTold;
    boolean dropped;

    Reading(Lane lane, Place place) {
      this.lane = lane;
      this.partition = topic.shape.oneLane() ? null : topic.partition(lane.name());
      this.log = partition == null ? topic.all : partition.log;
      this.next = partition == null ? queueStart(place) : partition.indexOf(place);
    }

    /** The native cursor knows what is settled; only a group that is new starts at a place. */
    private static int queueStart(Place place) {
      boolean isStart =
          place instanceof Place.At at && at.position().partition().equals(SimTopic.QUEUE);
      return isStart ? (int) ((Place.At) place).position().word(0) : 0;
    }

    /** Asks for more, where there is room for it. */
    void ask() {
      int room = topic.shape.pushes() ? CREDIT : FETCH;
      boolean wanted = topic.shape.pushes() || !paused;
      if (asking || dropped || !wanted || buffer.size() > room / 2) {
        return;
      }
      asking = true;
      broker.after(null, this::answer);
    }

    /** At the broker. */
    private void answer() {
      if (dropped || process.isDead()) {
        return;
      }
      List<SimRecord> found = new ArrayList<>();
      int at = next;
      while (at < log.size() && found.size() < FETCH) {
        SimRecord message = log.get(at++);
        if (!broker.breakage.skips(message) && isForThis(message)) {
          int place = found.size();
          boolean swap = place > 0 && broker.breakage.swaps(message);
          found.add(swap ? place - 1 : place, message);
        }
      }
      if (at == next && !(partition != null && partition.closed && !endTold)) {
        topic.whenNew(() -> broker.after(null, this::answer));
        return;
      }
      int upTo = at;
      broker.after(process, () -> arrive(found, upTo));
    }

    private boolean isForThis(SimRecord message) {
      return partition != null || group == null || group.isQueued(message);
    }

    private void arrive(List<SimRecord> found, int upTo) {
      if (dropped) {
        return;
      }
      asking = false;
      next = upTo;
      buffer.addAll(found);
    }

    boolean isAtEnd() {
      return partition != null && partition.closed && buffer.isEmpty() && next == log.size();
    }
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    checkOpen();
    if (broker.world.chance(broker.faults.pollThrows)) {
      throw new DriverException(ErrorKind.UNAVAILABLE, "simulated", null);
    }
    int left = maxPollRecords;
    for (Reading reading : List.copyOf(readings.values())) {
      boolean paused = reading.paused && !broker.breakage.ignoresPause();
      if (reading.dropped || paused) {
        continue;
      }
      List<SimRecord> told = new ArrayList<>();
      while (left > 0 && !reading.buffer.isEmpty()) {
        told.add(reading.buffer.poll());
        left--;
      }
      if (!told.isEmpty()) {
        told(reading.lane, told);
        listener.records(reading.lane, told);
      }
      if (!reading.dropped && !reading.endTold && reading.isAtEnd()) {
        reading.endTold = true;
        listener.ended(reading.lane);
      }
      reading.ask();
    }
  }

  /** These records are being told. */
  void told(Lane lane, List<SimRecord> records) {}

  final void checkOpen() {
    if (closed) {
      throw new DriverException(ErrorKind.CLOSED, "The source is closed", null);
    }
  }

  final boolean isClosed() {
    return closed;
  }

  @Override
  public void wakeup() {
    process.nudge();
  }

  @Override
  public void read(Lane lane, Place place) {
    checkOpen();
    stop(lane);
    Reading reading = new Reading(lane, place);
    readings.put(lane, reading);
    reading.ask();
  }

  @Override
  public void pause(Lane lane) {
    Reading reading = readings.get(lane);
    if (reading != null) {
      reading.paused = true;
    }
  }

  @Override
  public void resume(Lane lane) {
    Reading reading = readings.get(lane);
    if (reading != null) {
      reading.paused = false;
      reading.ask();
    }
  }

  @Override
  public void stop(Lane lane) {
    Reading reading = readings.remove(lane);
    if (reading != null) {
      reading.dropped = true;
    }
  }

  @Override
  public boolean hasReached(Lane lane, Place end) {
    Reading reading = readings.get(lane);
    SimPartition partition = reading == null ? null : reading.partition;
    return reading != null
        && partition != null
        && reading.next - reading.buffer.size() >= partition.indexOf(end);
  }

  @Override
  public void close() {
    closed = true;
    readings.values().forEach(reading -> reading.dropped = true);
    readings.clear();
  }
}
