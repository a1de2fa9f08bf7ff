package dev.isostream.core.admin;

import dev.isostream.GroupAdmin;
import dev.isostream.Headers;
import dev.isostream.Limits;
import dev.isostream.Position;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Topics and groups in a few maps; the next answers can be made to fail or to stay out. */
public final class FakeDriver implements Driver, Admin {

  /** One partition: timestamps of its messages from {@code first} on. */
  static final class Log {
    long first;
    final List<Instant> messages = new ArrayList<>();

    long end() {
      return first + messages.size();
    }
  }

  final Map<String, Map<String, Log>> topics = new TreeMap<>();
  final Map<String, GroupInfo> groups = new TreeMap<>();
  final List<ErrorKind> failures = new ArrayList<>();
  final List<String> calls = new ArrayList<>();
  @Nullable String incarnation = "one";
  boolean silent;
  private volatile int closed;
  int openReaders;

  Position position(String topic, String partition, long offset) {
    return Position.of("fake", topic, partition, incarnation, offset);
  }

  Log log(String topic, String partition) {
    return Objects.requireNonNull(logs(topic).get(partition));
  }

  private <R> CompletionStage<R> answer(String call, Supplier<R> result) {
    calls.add(call);
    if (silent) {
      return new CompletableFuture<>();
    }
    if (!failures.isEmpty()) {
      return CompletableFuture.failedStage(fail(failures.remove(0), call));
    }
    try {
      return CompletableFuture.completedStage(result.get());
    } catch (DriverException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private CompletionStage<Void> change(String call, Runnable work) {
    return answer(
            call,
            () -> {
              work.run();
              return call;
            })
        .thenAccept(done -> {});
  }

  private static DriverException fail(ErrorKind kind, String what) {
    return new DriverException(kind, what + " fails", new IllegalStateException("native"));
  }

  private Map<String, Log> logs(String topic) {
    Map<String, Log> logs = topics.get(topic);
    if (logs == null) {
      throw fail(ErrorKind.TOPIC_NOT_FOUND, topic);
    }
    return logs;
  }

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    return change(
        "create",
        () -> {
          if (topics.putIfAbsent(topic, new TreeMap<>()) != null) {
            throw fail(ErrorKind.ALREADY_EXISTS, topic);
          }
          IntStream.range(0, partitions).forEach(i -> logs(topic).put("" + i, new Log()));
        });
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    return change(
        "grow",
        () -> {
          IntStream.range(0, partitions).forEach(i -> logs(topic).putIfAbsent("" + i, new Log()));
        });
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    return change(
        "delete",
        () -> {
          logs(topic);
          topics.remove(topic);
        });
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return answer(
        "describeTopic",
        () ->
            Optional.ofNullable(topics.get(topic))
                .map(logs -> new TopicInfo(topic, List.copyOf(logs.keySet()), incarnation)));
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return answer("listTopics", topics::keySet);
  }

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    return answer(
        "locate",
        () -> {
          Map<String, Place> located = new HashMap<>();
          places.forEach(
              (partition, place) -> located.put(partition, find(topic, partition, place)));
          return located;
        });
  }

  private Place find(String topic, String partition, Place place) {
    Log log = logs(topic).getOrDefault(partition, new Log());
    if (place instanceof Place.Earliest) {
      return new Place.At(position(topic, partition, log.first));
    }
    if (place instanceof Place.Latest) {
      return new Place.At(position(topic, partition, log.end()));
    }
    if (place instanceof Place.Since since) {
      int index = 0;
      while (index < log.messages.size() && log.messages.get(index).isBefore(since.timestamp())) {
        index++;
      }
      return new Place.At(position(topic, partition, log.first + index));
    }
    return place;
  }

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return answer("listGroups", groups::keySet);
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    return answer("describeGroup", () -> Optional.ofNullable(groups.get(group)));
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    return change(
        "writeCursors",
        () -> {
          GroupInfo info = groups.getOrDefault(group, new GroupInfo(List.of(), Map.of()));
          if (!info.members().isEmpty()) {
            throw fail(ErrorKind.GROUP_ACTIVE, group);
          }
          Map<String, LaneInfo> lanes = new HashMap<>();
          cursors.forEach(
              (lane, c) -> lanes.put(lane, new LaneInfo(c, lane.equals("0"), -1, false)));
          groups.put(group, new GroupInfo(List.of(), lanes));
        });
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    return change(
        "deleteGroup",
        () -> {
          GroupInfo info = groups.get(group);
          if (info != null && !info.members().isEmpty()) {
            throw fail(ErrorKind.GROUP_ACTIVE, group);
          }
          groups.remove(group);
        });
  }

  void member(String group) {
    GroupInfo info = groups.getOrDefault(group, new GroupInfo(List.of(), Map.of()));
    groups.put(
        group, new GroupInfo(List.of(new GroupAdmin.Member("m", "h", Set.of("0"))), info.lanes()));
  }

  @Override
  public DriverTraits traits() {
    return new DriverTraits(true, true, true, false, true, 3072, 100, 1);
  }

  @Override
  public Limits limits() {
    return Limits.builder().build();
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Admin admin() {
    return this;
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    return Optional.empty();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed++;
    }
  }

  /** How often it was closed. */
  public int timesClosed() {
    return closed;
  }

  @Override
  public Source openReader(String topic) {
    openReaders++;
    return new Reading(topic);
  }

  /** Tells one record per lane and poll; what was removed is told first. */
  private final class Reading implements Source {

    private final String topic;
    private final Map<Lane, Long> next = new HashMap<>();

    Reading(String topic) {
      this.topic = topic;
    }

    @Override
    public void poll(Duration maxWait, SourceListener listener) {
      if (!failures.isEmpty()) {
        throw fail(failures.remove(0), "poll");
      }
      for (Lane lane : new HashSet<>(next.keySet())) {
        Log log = logs(topic).getOrDefault(lane.name(), new Log());
        long offset = next.getOrDefault(lane, 0L);
        if (offset < log.first) {
          Position first = position(topic, lane.name(), log.first);
          listener.removed(lane, new Place.At(first), first);
        } else if (offset < log.end()) {
          next.put(lane, offset + 1);
          Instant timestamp = log.messages.get((int) (offset - log.first));
          listener.records(lane, List.of(new Stored(topic, lane.name(), offset, timestamp)));
        }
      }
    }

    @Override
    public void wakeup() {}

    @Override
    public void read(Lane lane, Place place) {
      next.put(
          lane,
          place instanceof Place.At at
              ? at.position().word(0)
              : place instanceof Place.After after ? after.position().word(0) + 1 : 0L);
    }

    @Override
    public void pause(Lane lane) {}

    @Override
    public void resume(Lane lane) {}

    @Override
    public void stop(Lane lane) {
      next.remove(lane);
    }

    @Override
    public boolean hasReached(Lane lane, Place end) {
      return end instanceof Place.At at && next.getOrDefault(lane, 0L) >= at.position().word(0);
    }

    @Override
    public void close() {
      openReaders--;
    }
  }

  private final class Stored extends SourceRecord {

    private final String topic;
    private final String partition;
    private final long offset;
    private final Instant timestamp;

    Stored(String topic, String partition, long offset, Instant timestamp) {
      this.topic = topic;
      this.partition = partition;
      this.offset = offset;
      this.timestamp = timestamp;
    }

    @Override
    public String partition() {
      return partition;
    }

    @Override
    public Position position() {
      return FakeDriver.this.position(topic, partition, offset);
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public byte @Nullable [] key() {
      return null;
    }

    @Override
    public byte @Nullable [] payload() {
      return null;
    }

    @Override
    public Headers headers() {
      return Headers.empty();
    }

    @Override
    public Instant timestamp() {
      return timestamp;
    }

    @Override
    public int sizeBytes() {
      return 0;
    }
  }
}
