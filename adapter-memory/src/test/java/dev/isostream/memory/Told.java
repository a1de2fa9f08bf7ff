package dev.isostream.memory;

import dev.isostream.Position;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes down what a source tells; reads each lane that it is given from its cursor on. */
final class Told implements SourceListener {

  final List<SourceRecord> records = new ArrayList<>();
  final Set<Lane> owned = new LinkedHashSet<>();
  final List<Lane> revoking = new ArrayList<>();
  final List<Lane> lost = new ArrayList<>();
  final Map<Lane, @Nullable StoredCursor> cursors = new HashMap<>();
  final Map<Lane, @Nullable Position> removed = new HashMap<>();
  final Map<Lane, Place> earliest = new HashMap<>();
  int polls;
  private final @Nullable Source source;

  /** Reads what it is assigned from this source; nothing where there is none. */
  Told(@Nullable Source source) {
    this.source = source;
  }

  Told poll(Source from) {
    polls++;
    from.poll(Duration.ZERO, this);
    return this;
  }

  List<String> payloads() {
    return records.stream().map(Told::text).toList();
  }

  static String text(SourceRecord one) {
    return new String(Objects.requireNonNull(one.payload()), StandardCharsets.UTF_8);
  }

  Set<String> ownedNames() {
    Set<String> names = new LinkedHashSet<>();
    owned.forEach(lane -> names.add(lane.name()));
    return names;
  }

  @Override
  public void records(Lane lane, List<? extends SourceRecord> more) {
    records.addAll(more);
  }

  @Override
  public void ended(Lane lane) {
    throw new AssertionError("no lane ends here");
  }

  @Override
  public void removed(Lane lane, Place left, @Nullable Position first) {
    removed.put(lane, first);
    earliest.put(lane, left);
  }

  @Override
  public void assigned(Lane lane, @Nullable StoredCursor cursor) {
    owned.add(lane);
    cursors.put(lane, cursor);
    if (source != null) {
      source.read(lane, cursor == null ? Place.Origin.INSTANCE : cursor.place());
    }
  }

  @Override
  public void revoking(Lane lane) {
    revoking.add(lane);
  }

  @Override
  public void lost(Lane lane) {
    owned.remove(lane);
    lost.add(lane);
  }

  @Override
  public boolean awaitReleases(Duration limit) {
    throw new AssertionError("nothing to wait for here");
  }
}
