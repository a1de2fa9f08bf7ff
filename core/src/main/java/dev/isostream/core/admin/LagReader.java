package dev.isostream.core.admin;

import dev.isostream.GroupAdmin;
import dev.isostream.Position;
import dev.isostream.UnsupportedCursorException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.Spot;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds how far a group is behind: the count from what is stored, the age from the first message
 * that is not settled, which is read for it. Confined to the calling thread.
 */
final class LagReader {

  private static final Duration LONGEST_POLL = Duration.ofMillis(200);

  private final EngineContext context;
  private final Question question;

  LagReader(EngineContext context, Question question) {
    this.context = context;
    this.question = question;
  }

  /** By partition; where the group has no cursor yet, nothing is known. */
  Map<String, GroupAdmin.Lag> lag(Admin.TopicInfo topic, Admin.GroupInfo group) {
    Map<String, Lane> behind = new HashMap<>();
    Map<String, Set<Spot>> settled = new HashMap<>();
    Map<String, GroupAdmin.Lag> lags = new HashMap<>();
    group
        .lanes()
        .forEach(
            (name, info) -> {
              Count count = count(info);
              settled.put(name, count.settled());
              lags.put(name, new GroupAdmin.Lag(count.open(), count.exact(), null));
              if (count.open().orElse(1) > 0 || !count.exact()) {
                behind.put(name, new Lane(name, 0, info.anchor()));
              }
            });
    Map<String, Instant> oldest = new Oldest(topic, group, behind, settled).find();
    oldest.forEach(
        (name, timestamp) ->
            lags.computeIfPresent(
                name, (n, lag) -> new GroupAdmin.Lag(lag.count(), lag.exact(), age(timestamp))));
    for (String partition : topic.partitions()) {
      lags.putIfAbsent(partition, new GroupAdmin.Lag(OptionalLong.empty(), false, null));
    }
    return lags;
  }

  private Duration age(Instant timestamp) {
    Duration age = Duration.between(timestamp, context.runtime().now());
    return age.isNegative() ? Duration.ZERO : age;
  }

  /**
   * A lane's backlog.
   *
   * @param settled of it, what is settled
   */
  private record Count(OptionalLong open, boolean exact, Set<Spot> settled) {}

  private static Count count(Admin.LaneInfo info) {
    Set<Spot> settled;
    boolean exact = info.exact();
    try {
      settled = CursorState.read(info.cursor().state()).settled();
    } catch (UnsupportedCursorException e) {
      // Of a newer version: what it says of single messages can't be told.
      settled = Set.of();
      exact = false;
    }
    OptionalLong open =
        info.backlog() < 0
            ? OptionalLong.empty()
            : OptionalLong.of(Math.max(0, info.backlog() - settled.size()));
    return new Count(open, exact && open.isPresent(), settled);
  }

  /** Reads each lane up to its first message that is not settled. */
  private final class Oldest implements SourceListener {

    private final Admin.TopicInfo topic;
    private final Admin.GroupInfo group;
    private final Map<String, Lane> searching;
    private final Map<String, Set<Spot>> settled;
    private final Map<String, Instant> found = new HashMap<>();
    private final Map<Lane, Place> moved = new HashMap<>();
    private final Set<Lane> done = new HashSet<>();

    Oldest(
        Admin.TopicInfo topic,
        Admin.GroupInfo group,
        Map<String, Lane> searching,
        Map<String, Set<Spot>> settled) {
      this.topic = topic;
      this.group = group;
      this.searching = searching;
      this.settled = settled;
    }

    Map<String, Instant> find() {
      searching.keySet().retainAll(topic.partitions());
      if (searching.isEmpty()) {
        return found;
      }
      Map<String, Place> ends = ends();
      try (Source source = context.driver().openReader(topic.topic())) {
        searching.forEach((name, lane) -> source.read(lane, place(name)));
        while (!searching.isEmpty()) {
          searching
              .entrySet()
              .removeIf(each -> isOver(source, each.getKey(), each.getValue(), ends));
          if (!searching.isEmpty()) {
            poll(source);
          }
        }
      } catch (DriverException e) {
        throw question.failed(e);
      }
      return found;
    }

    private Map<String, Place> ends() {
      Map<String, Place> wanted = new HashMap<>();
      searching.keySet().forEach(name -> wanted.put(name, Place.Latest.INSTANCE));
      return question.ask(() -> context.driver().admin().locate(topic.topic(), wanted));
    }

    private Place place(String lane) {
      Admin.LaneInfo info = group.lanes().get(lane);
      return info == null ? Place.Origin.INSTANCE : info.cursor().place();
    }

    private boolean isOver(Source source, String name, Lane lane, Map<String, Place> ends) {
      Place end = ends.get(name);
      boolean over =
          found.containsKey(name)
              || done.contains(lane)
              || (end != null && !moved.containsKey(lane) && source.hasReached(lane, end));
      if (over) {
        source.stop(lane);
      }
      return over;
    }

    private void poll(Source source) {
      long left = question.remaining();
      if (left == 0) {
        throw question.timedOut();
      }
      try {
        source.poll(Duration.ofNanos(Math.min(left, LONGEST_POLL.toNanos())), this);
      } catch (DriverException e) {
        if (e.kind() != ErrorKind.UNAVAILABLE) {
          throw e;
        }
        question.pauseBriefly();
      }
      moved.forEach(source::read);
      moved.clear();
    }

    @Override
    public void records(Lane lane, List<? extends SourceRecord> records) {
      Set<Spot> known = settled.getOrDefault(lane.name(), Set.of());
      boolean dense = context.driver().traits().densePositions();
      for (SourceRecord each : records) {
        if (!known.contains(Spot.of(each, dense))) {
          found.putIfAbsent(lane.name(), each.timestamp());
          return;
        }
      }
    }

    @Override
    public void ended(Lane lane) {
      done.add(lane);
    }

    @Override
    public void removed(Lane lane, Place earliest, @Nullable Position first) {
      moved.put(lane, earliest);
    }

    @Override
    public void assigned(Lane lane, @Nullable StoredCursor cursor) {}

    @Override
    public void revoking(Lane lane) {}

    @Override
    public void lost(Lane lane) {}

    @Override
    public boolean awaitReleases(Duration limit) {
      return true;
    }
  }
}
