package dev.isostream.engine.testing;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One topic {@code t} in memory. Thread-safe by its monitor, on which sources wait. */
public final class FakeLog implements Admin {

  /** One partition. */
  static final class Partition {
    final List<@Nullable FakeRecord> all = new ArrayList<>();
    int start;

    long end() {
      return all.size();
    }
  }

  private final Map<String, Partition> partitions = new TreeMap<>();
  private final List<FakeSource> sources = new ArrayList<>();
  private boolean exists = true;
  private @Nullable String incarnation;
  private @Nullable DriverException failure;
  private int located;

  FakeLog() {
    partitions.put("0", new Partition());
  }

  synchronized FakeSource open() {
    FakeSource source = new FakeSource(this);
    sources.add(source);
    return source;
  }

  synchronized Partition partition(String name) {
    Partition partition = partitions.get(name);
    if (partition == null) {
      throw new DriverException(ErrorKind.INVALID, "no partition " + name, null);
    }
    return partition;
  }

  public synchronized void exists(boolean on) {
    exists = on;
  }

  public synchronized void addPartition(String name) {
    partitions.put(name, new Partition());
  }

  public synchronized void incarnation(String id) {
    incarnation = id;
  }

  synchronized boolean holds(Position position) {
    if (!position.backend().equals("fake")) {
      throw new DriverException(ErrorKind.INVALID, "not one of ours: " + position, null);
    }
    return position.incarnation() == null || position.incarnation().equals(incarnation);
  }

  /** Stores texts. */
  public synchronized void add(String partition, String... payloads) {
    for (String payload : payloads) {
      add(partition, null, payload, Headers.empty());
    }
  }

  /** Stores one. */
  public synchronized void add(
      String partition, @Nullable String key, @Nullable String payload, Headers headers) {
    Partition to = partition(partition);
    to.all.add(
        new FakeRecord(partition, to.end(), incarnation, bytes(key), bytes(payload), headers));
    notifyAll();
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** Stores something that readers don't see. */
  public synchronized void addMarker(String partition) {
    partition(partition).all.add(null);
    notifyAll();
  }

  /** Removes everything before. */
  public synchronized void removeBefore(String partition, int offset) {
    partition(partition).start = offset;
  }

  /** What every poll fails with; null for nothing. */
  public synchronized void fail(@Nullable DriverException with) {
    failure = with;
    notifyAll();
  }

  synchronized @Nullable DriverException failure() {
    return failure;
  }

  public synchronized int opened() {
    return sources.size();
  }

  public synchronized List<FakeSource> sources() {
    return List.copyOf(sources);
  }

  public synchronized int located() {
    return located;
  }

  Position position(String partition, long offset) {
    return Position.of("fake", "t", partition, incarnation, offset);
  }

  @Override
  public synchronized CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return CompletableFuture.completedFuture(
        exists && topic.equals("t")
            ? Optional.of(new TopicInfo("t", List.copyOf(partitions.keySet()), incarnation))
            : Optional.empty());
  }

  @Override
  public synchronized CompletionStage<Map<String, Place>> locate(
      String topic, Map<String, Place> places) {
    located++;
    Map<String, Place> found = new HashMap<>();
    places.forEach((name, place) -> found.put(name, locate(name, place)));
    return CompletableFuture.completedFuture(found);
  }

  private Place locate(String name, Place place) {
    Partition partition = partition(name);
    if (place instanceof Place.Since since) {
      long first = Math.max(partition.start, since.timestamp().toEpochMilli());
      return new Place.At(position(name, Math.min(first, partition.end())));
    }
    long offset = place == Place.Latest.INSTANCE ? partition.end() : partition.start;
    return new Place.At(position(name, offset));
  }

  @Override
  public CompletionStage<Void> createTopic(String topic, int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    throw new UnsupportedOperationException();
  }
}
