package dev.isostream.engine.read;

import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.PositionRemovedException;
import dev.isostream.ReaderBuilder;
import dev.isostream.engine.Backoff;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Errors;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The source of a reader and what it told that was not read yet. Confined to the reader's lock, but
 * for {@link #wakeup}.
 *
 * <p>A source that fails for now is asked again after a while, and one that fails otherwise is
 * replaced by a new one that goes on at the same places (contract F5).
 */
final class ReadSession implements SourceListener {

  private final EngineContext context;
  private final String topic;
  private final Places places;
  private final ReaderReports reports;
  private final ReaderBuilder.Removed whenRemoved;
  private final Map<String, LaneReading> lanes = new LinkedHashMap<>();
  private final ArrayDeque<Told> told = new ArrayDeque<>();

  private volatile @Nullable Source source;
  private int failures;
  private long nextTry;

  /** Lanes whose next message is gone, and that stand still. */
  private final Map<String, Gone> removed = new LinkedHashMap<>();

  /** Whether a lane has ended, so that others may have taken its place. */
  private boolean someEnded;

  /** One that was told and is to be read. */
  private record Told(LaneReading lane, SourceRecord message) {}

  /** What was to come next and is gone, and what is left. */
  private record Gone(@Nullable Position expected, @Nullable Position earliest) {
    PositionRemovedException exception(String topic, String partition) {
      return new PositionRemovedException(
          "The message to be read next in topic "
              + topic
              + ", partition "
              + partition
              + (expected == null ? "" : ", at or behind " + expected + ",")
              + " was removed by the backend; the earliest one left is "
              + (earliest == null ? "not there yet" : earliest)
              + ". Start there, or let the reader go on with whenRemoved(CONTINUE).",
          expected,
          earliest,
          null);
    }
  }

  ReadSession(
      EngineContext context,
      String topic,
      Places places,
      ReaderReports reports,
      ReaderBuilder.Removed whenRemoved) {
    this.context = context;
    this.topic = topic;
    this.places = places;
    this.reports = reports;
    this.whenRemoved = whenRemoved;
  }

  /** Adds a partition; it is read from the next {@link #connect} on. */
  void add(String partition, Place start, @Nullable Place end) {
    boolean refused = context.driver().traits().refusesDuplicates();
    lanes.put(
        partition,
        new LaneReading(
            partition,
            start,
            end,
            context.driver().traits().densePositions(),
            refused ? 0 : context.driver().limits().duplicateWindow()));
  }

  Set<String> partitions() {
    return Set.copyOf(lanes.keySet());
  }

  /** Opens the source where there is none, and starts what is to be read. */
  void connect() {
    if (source != null) {
      return;
    }
    Source opened;
    try {
      opened = context.driver().openReader(topic);
    } catch (RuntimeException e) {
      throw Errors.translate("opening a reader of topic " + topic, e);
    }
    source = opened;
    for (LaneReading lane : lanes.values()) {
      if (!lane.isOver()) {
        read(opened, lane);
      }
    }
  }

  private void read(Source from, LaneReading lane) {
    try {
      from.read(lane.lane(), lane.next());
    } catch (RuntimeException e) {
      disconnect();
      throw places.refused(lane.next(), e);
    }
  }

  /** Closes the source; the next {@link #connect} goes on where it was. */
  void disconnect() {
    Source closing = source;
    source = null;
    if (closing != null) {
      closing.close();
    }
  }

  /** Drops what was told and goes to other places. */
  void seek(Map<String, Place> to) {
    told.clear();
    removed.clear();
    for (LaneReading lane : lanes.values()) {
      Place place = to.get(lane.partition());
      if (place != null) {
        lane.startAt(place);
      }
    }
    Source current = source;
    if (current == null) {
      connect();
      return;
    }
    for (LaneReading lane : lanes.values()) {
      read(current, lane);
    }
  }

  /** The next one to be read; null where none was told. */
  @Nullable SourceRecord peek() {
    Told first = told.peek();
    return first == null ? null : first.message;
  }

  void remove() {
    told.remove();
  }

  /** Why it can't go on although everything works; null where it can. */
  @Nullable PositionRemovedException removal() {
    for (Map.Entry<String, Gone> one : removed.entrySet()) {
      return one.getValue().exception(topic, one.getKey());
    }
    return null;
  }

  /** How long to wait before the source may be asked again; 0 for not at all. */
  long pauseNanos() {
    return failures == 0 ? 0 : Math.max(0, nextTry - context.runtime().nanoTime());
  }

  /**
   * Waits for the source to tell something, at most this long.
   *
   * <p>Fails: {@link MessagingException} for what does not pass by itself.
   */
  void poll(long maxWaitNanos) {
    try {
      connect();
      Source current = source;
      if (current != null) {
        current.poll(Duration.ofNanos(maxWaitNanos), this);
      }
      failures = 0;
      reports.worked();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException failure) {
    MessagingException known = Errors.translate("reading topic " + topic, failure);
    boolean ofSource = failure instanceof DriverException;
    if (ofSource && !known.isRetriable()) {
      disconnect();
    }
    if (Thread.currentThread().isInterrupted() || !known.isRetriable()) {
      throw known;
    }
    failures++;
    reports.failed(known);
    Duration wait = Backoff.after(failures, context.runtime().random());
    nextTry = context.runtime().nanoTime() + wait.toNanos();
  }

  /** Whether something before these places was told and not read yet. */
  boolean hasUnread(Map<String, Place> ends) {
    for (Told one : told) {
      Place end = ends.get(one.lane.partition());
      if (end == null || one.lane.isBefore(one.message, end)) {
        return true;
      }
    }
    return false;
  }

  /** Whether everything before these places was told. */
  boolean hasToldAll(Map<String, Place> ends) {
    return lanes.values().stream().allMatch(lane -> hasBeenTold(lane, ends.get(lane.partition())));
  }

  /** Whether each partition is at its end, and all of it was read. */
  boolean isAtEnd() {
    return told.isEmpty()
        && lanes.values().stream().allMatch(lane -> lane.isOver() || isOver(lane));
  }

  private boolean isOver(LaneReading lane) {
    if (hasBeenTold(lane, lane.end())) {
      lane.over();
      Source current = source;
      if (current != null) {
        current.stop(lane.lane());
      }
      return true;
    }
    return false;
  }

  private boolean hasBeenTold(LaneReading lane, @Nullable Place end) {
    Source current = source;
    if (lane.isOver()) {
      return true;
    }
    if (end == null || current == null || removed.containsKey(lane.partition())) {
      return false;
    }
    try {
      return current.hasReached(lane.lane(), end);
    } catch (RuntimeException e) {
      failed(e);
      return false;
    }
  }

  /** Whether a lane has ended since this was asked last. */
  boolean takeEnded() {
    boolean ended = someEnded;
    someEnded = false;
    return ended;
  }

  /** From any thread. */
  void wakeup() {
    Source current = source;
    if (current != null) {
      current.wakeup();
    }
  }

  // ---- what the source tells

  @Override
  public void records(Lane lane, List<? extends SourceRecord> records) {
    LaneReading reading = lanes.get(lane.name());
    if (reading == null) {
      return;
    }
    for (int i = 0; i < records.size() && !reading.isOver(); i++) {
      SourceRecord message = records.get(i);
      if (reading.accept(message)) {
        told.add(new Told(reading, message));
      }
    }
    Source current = source;
    if (reading.isOver() && current != null) {
      current.stop(lane);
    }
  }

  @Override
  public void ended(Lane lane) {
    LaneReading reading = lanes.get(lane.name());
    if (reading != null) {
      reading.over();
      someEnded = true;
    }
  }

  @Override
  public void removed(Lane lane, Place earliest, @Nullable Position first) {
    LaneReading reading = lanes.get(lane.name());
    Source current = source;
    if (reading == null || current == null) {
      return;
    }
    if (reading.isOnlyBackGone(earliest)) {
      current.read(lane, earliest);
    } else if (whenRemoved == ReaderBuilder.Removed.CONTINUE) {
      Position expected = reading.expected();
      reading.continueAt(earliest);
      current.read(lane, earliest);
      reports.gap(lane.name(), expected, first);
    } else {
      removed.put(lane.name(), new Gone(reading.expected(), first));
    }
  }

  @Override
  public void assigned(Lane lane, @Nullable StoredCursor cursor) {
    // Readers choose their lanes.
  }

  @Override
  public void revoking(Lane lane) {
    // Nobody takes a reader's lanes.
  }

  @Override
  public void lost(Lane lane) {
    // Nobody takes a reader's lanes.
  }

  @Override
  public boolean awaitReleases(Duration limit) {
    return true;
  }
}
