package dev.isostream.rabbitmq;

import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import dev.isostream.spi.log.LogGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** Topics, groups and places. */
final class RabbitAdmin implements Admin {

  /** How far the clocks of a stream's former and present leaders may lie apart. */
  private static final long CLOCK_SKEW_MILLIS = 5_000;

  /** Looks at the broker, each a round trip, until a change is seen. */
  private static final int LOOKS = 500;

  private final RabbitCluster cluster;
  private final RabbitTopology topology;
  private final RabbitRegistry registry;

  RabbitAdmin(RabbitCluster cluster, RabbitRegistry registry) {
    this.cluster = cluster;
    this.topology = new RabbitTopology(cluster.config());
    this.registry = registry;
  }

  // ---- topics

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    String doing = "Creating topic \"" + topic + "\" with " + partitions + " partitions";
    return cluster
        .async(
            doing,
            () -> {
              if (cluster.lookFor(topic).isPresent()) {
                throw RabbitErrors.of(ErrorKind.ALREADY_EXISTS, doing, null);
              }
              topology.create(topic, 0, partitions);
              awaitReady(topic, partitions);
              return topic;
            })
        .thenCompose(registry::addTopic)
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    String doing = "Giving topic \"" + topic + "\" " + partitions + " partitions";
    return cluster
        .async(
            doing,
            () -> {
              RabbitTopic found = cluster.find(topic);
              boolean single = found.streams().contains(topic);
              if (partitions <= found.partitions() || single) {
                throw new DriverException(
                    ErrorKind.INVALID,
                    doing
                        + " failed: it has "
                        + found.partitions()
                        + (single
                            ? " and is a stream by itself, which can't have more."
                            : "; only more are possible."),
                    null);
              }
              topology.create(topic, found.partitions(), partitions);
              awaitReady(topic, partitions);
              return topic;
            })
        .thenAccept(done -> {});
  }

  /** Ready is what the node we ask shows, and whose streams have leaders. */
  private void awaitReady(String topic, int partitions) {
    DriverException last = null;
    for (int i = 0; i < LOOKS; i++) {
      Optional<RabbitTopic> found = cluster.lookFor(topic);
      if (found.isPresent() && found.get().partitions() >= partitions) {
        try {
          for (String stream : found.get().streams()) {
            var unused = cluster.end(stream);
          }
          return;
        } catch (DriverException e) {
          last = e;
        }
      }
    }
    throw RabbitErrors.of(ErrorKind.UNAVAILABLE, "Waiting for topic \"" + topic + "\"", last);
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    return registry
        .look()
        .thenCompose(
            names ->
                cluster.async(
                    "Deleting topic \"" + topic + "\"",
                    () -> {
                      RabbitTopic found = cluster.find(topic);
                      topology.delete(found);
                      for (String group : names.getOrDefault(topic, Set.of())) {
                        cluster.locator().delete(RabbitGroup.stream(topic, group));
                      }
                      for (int i = 0; i < LOOKS && cluster.lookFor(topic).isPresent(); i++) {
                        // each look is a round trip
                      }
                      return topic;
                    }))
        .thenCompose(registry::removeTopic)
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return cluster.async(
        "Looking for topic \"" + topic + "\"",
        () ->
            cluster
                .lookFor(topic)
                .map(
                    found ->
                        new TopicInfo(
                            topic,
                            IntStream.range(0, found.partitions())
                                .mapToObj(Integer::toString)
                                .toList(),
                            null)));
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return registry
        .look()
        .thenCompose(
            names ->
                cluster.async(
                    "Listing topics",
                    () -> {
                      Set<String> there = new HashSet<>();
                      for (String topic : names.keySet()) {
                        if (cluster.lookFor(topic).isPresent()) {
                          there.add(topic);
                        }
                      }
                      return there;
                    }));
  }

  // ---- places

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    return cluster.async(
        "Looking for places in topic \"" + topic + "\"",
        () -> {
          RabbitTopic found = cluster.find(topic);
          Map<String, Place> located = new HashMap<>();
          places.forEach(
              (partition, place) ->
                  located.put(partition, locate(found.partition(partition), place)));
          return located;
        });
  }

  private Place locate(RabbitTopic.Partition partition, Place place) {
    if (place instanceof Place.Earliest) {
      return at(partition, cluster.begin(partition.stream()));
    }
    if (place instanceof Place.Latest) {
      return at(partition, cluster.end(partition.stream()));
    }
    if (place instanceof Place.Since since) {
      return at(partition, since(partition.stream(), since.timestamp().toEpochMilli()));
    }
    return place;
  }

  private static Place at(RabbitTopic.Partition partition, long offset) {
    return new Place.At(partition.position(offset));
  }

  /**
   * A chunk has one timestamp; the broker searches by it as if they never went back, so the search
   * begins a little earlier and goes on by reading.
   */
  private long since(String stream, long millis) {
    long early = Math.max(0, millis - CLOCK_SKEW_MILLIS);
    RabbitChunk chunk = cluster.chunkSince(stream, OffsetSpecification.timestamp(early), millis);
    return chunk == null ? cluster.end(stream) : chunk.first();
  }

  // ---- groups

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return registry.look().thenApply(names -> names.getOrDefault(topic, Set.of()));
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    String stream = RabbitGroup.stream(topic, group);
    String doing = "Describing group \"" + group + "\" of topic \"" + topic + "\"";
    CompletableFuture<Optional<GroupInfo>> described =
        cluster
            .async(doing, () -> cluster.exists(stream))
            .thenCompose(
                there ->
                    there
                        ? with(topic, group, opened -> opened.describe(active()))
                            .thenCompose(found -> info(topic, found))
                        : CompletableFuture.completedFuture(Optional.empty()));
    return described.exceptionally(
        failure -> {
          DriverException known = RabbitErrors.translate(doing, failure);
          if (known.kind() == ErrorKind.GROUP_NOT_FOUND) {
            return Optional.empty();
          }
          throw known;
        });
  }

  private interface Use<T> {
    CompletableFuture<T> of(LogGroup group);
  }

  private <T> CompletableFuture<T> with(String topic, String group, Use<T> use) {
    LogGroup opened = RabbitGroup.open(cluster, topic, group);
    return use.of(opened).whenComplete((done, failure) -> opened.close());
  }

  private CompletableFuture<Optional<GroupInfo>> info(String topic, LogGroup.Described described) {
    return cluster.async(
        "Describing a group of topic \"" + topic + "\"",
        () -> {
          RabbitTopic found = cluster.find(topic);
          Map<String, LaneInfo> lanes = new HashMap<>();
          described
              .cursors()
              .forEach((name, cursor) -> lanes.put(name, info(found.partition(name), cursor)));
          return Optional.of(new GroupInfo(described.members(), lanes));
        });
  }

  private LaneInfo info(RabbitTopic.Partition partition, StoredCursor cursor) {
    // offsets also count what readers don't see
    long backlog =
        Math.max(0, cluster.end(partition.stream()) - RabbitTopic.offset(cursor.place()));
    return new LaneInfo(cursor, partition.number() == 0, backlog, backlog == 0);
  }

  /** A member is live while its last sign of life is not older than this. */
  private Duration active() {
    return cluster.config().failoverTime();
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    return with(topic, group, opened -> opened.reset(active(), cursors).toCompletableFuture());
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    String stream = RabbitGroup.stream(topic, group);
    String doing = "Deleting group \"" + group + "\" of topic \"" + topic + "\"";
    return cluster
        .async(
            doing,
            () -> {
              if (!cluster.exists(stream)) {
                throw RabbitErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, null);
              }
              return stream;
            })
        .thenCompose(there -> with(topic, group, opened -> opened.delete(active())))
        .thenCompose(done -> cluster.async(doing, () -> cluster.locator().delete(stream)))
        .thenCompose(done -> registry.removeGroup(topic, group))
        .thenAccept(done -> {});
  }
}
