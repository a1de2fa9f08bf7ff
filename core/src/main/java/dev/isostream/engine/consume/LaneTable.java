package dev.isostream.engine.consume;

import dev.isostream.spi.Lane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The lanes that a member has. Confined to the loop, but for {@link #names}. */
final class LaneTable<T> {

  private final Map<Lane, LaneState<T>> byLane = new HashMap<>();
  private List<LaneState<T>> active = List.of();
  private volatile Set<String> names = Set.of();

  void add(LaneState<T> lane) {
    byLane.put(lane.lane, lane);
    changed();
  }

  void remove(LaneState<T> lane) {
    byLane.remove(lane.lane);
    changed();
  }

  @Nullable LaneState<T> get(Lane lane) {
    return byLane.get(lane);
  }

  /** All of them. */
  List<LaneState<T>> active() {
    return active;
  }

  /** Their names; from any thread. */
  Set<String> names() {
    return names;
  }

  private void changed() {
    active = List.copyOf(new ArrayList<>(byLane.values()));
    Set<String> now = new TreeSet<>();
    byLane.keySet().forEach(lane -> now.add(lane.name()));
    names = Set.copyOf(now);
  }
}
