package dev.isostream.conformance.kafka;

import dev.isostream.Position;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a source tells, and gives lanes back in good order: with a last commit of {@link
 * #next}.
 */
final class Told implements SourceListener {

  private final @Nullable GroupSource group;
  final Map<Lane, @Nullable StoredCursor> lanes = new LinkedHashMap<>();
  final Map<String, List<SourceRecord>> records = new HashMap<>();
  final Set<Lane> revoking = new LinkedHashSet<>();
  final List<Lane> released = new ArrayList<>();
  final List<Lane> lost = new ArrayList<>();
  final Map<Lane, Removed> removed = new HashMap<>();

  /** What is committed when a lane is given back, by lane name. */
  final Map<String, StoredCursor> next = new HashMap<>();

  final List<CommitOutcome> lastCommits = new ArrayList<>();
  boolean stuck;

  record Removed(Place earliest, @Nullable Position first) {}

  Told(@Nullable GroupSource group) {
    this.group = group;
  }

  Lane lane(String name) {
    return lanes.keySet().stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();
  }

  int count() {
    return records.values().stream().mapToInt(List::size).sum();
  }

  List<SourceRecord> of(String partition) {
    return records.getOrDefault(partition, List.of());
  }

  @Override
  public void records(Lane lane, List<? extends SourceRecord> batch) {
    records.computeIfAbsent(lane.name(), n -> new ArrayList<>()).addAll(batch);
  }

  @Override
  public void ended(Lane lane) {
    throw new AssertionError("no lane of Kafka ends: " + lane);
  }

  @Override
  public void removed(Lane lane, Place earliest, @Nullable Position first) {
    removed.put(lane, new Removed(earliest, first));
  }

  @Override
  public void assigned(Lane lane, @Nullable StoredCursor cursor) {
    lanes.put(lane, cursor);
  }

  @Override
  public void revoking(Lane lane) {
    revoking.add(lane);
  }

  @Override
  public void lost(Lane lane) {
    lanes.remove(lane);
    revoking.remove(lane);
    lost.add(lane);
  }

  @Override
  public boolean awaitReleases(Duration limit) {
    if (group == null || stuck) {
      return false;
    }
    for (Lane lane : List.copyOf(revoking)) {
      StoredCursor cursor = next.get(lane.name());
      if (cursor != null) {
        var stage = group.commit(List.of(new LaneCommit(lane, cursor, List.of(), false)));
        lastCommits.addAll(stage.toCompletableFuture().join().values());
      }
      group.release(lane);
      revoking.remove(lane);
      lanes.remove(lane);
      released.add(lane);
    }
    return true;
  }

  @Override
  public String toString() {
    return "lanes "
        + lanes.keySet()
        + ", records "
        + count()
        + ", released "
        + released
        + ", lost "
        + lost
        + ", removed "
        + removed;
  }
}
