package dev.isostream.memory;

import dev.isostream.spi.Admin;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Topics, groups and places. Thread-safe. */
final class MemoryAdmin implements Admin {

  private static final int MAX_PARTITIONS = 10_000;

  private final MemoryConnection connection;

  MemoryAdmin(MemoryConnection connection) {
    this.connection = connection;
  }

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    return tell(
        () -> {
          connection.authorize(topic);
          checkPartitions(partitions);
          connection
              .broker()
              .createTopic(topic, partitions, connection.config().retentionMessages());
        });
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    return tell(
        () -> {
          checkPartitions(partitions);
          connection.topic(topic).grow(partitions);
        });
  }

  private static void checkPartitions(int partitions) {
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw MemoryErrors.invalid(
          "A topic can't have " + partitions + " partitions; allowed are 1 to " + MAX_PARTITIONS);
    }
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    return tell(
        () -> {
          connection.authorize(topic);
          connection.broker().deleteTopic(topic);
        });
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return connection.ask(
        () -> {
          connection.authorize(topic);
          return connection.broker().topic(topic).map(MemoryAdmin::describe);
        });
  }

  private static TopicInfo describe(MemoryTopic topic) {
    List<String> partitions = topic.partitions().stream().map(MemoryPartition::name).toList();
    return new TopicInfo(topic.name(), partitions, topic.incarnation());
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return connection.ask(
        () ->
            connection.broker().topicNames().stream()
                .filter(connection::permits)
                .collect(Collectors.toUnmodifiableSet()));
  }

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    Map<String, Place> asked = Map.copyOf(places);
    return connection.ask(
        () -> {
          MemoryTopic there = connection.topic(topic);
          Map<String, Place> found = new HashMap<>();
          asked.forEach(
              (partition, place) ->
                  found.put(partition, locate(there.partition(partition), place)));
          return Map.copyOf(found);
        });
  }

  private static Place locate(MemoryPartition partition, Place place) {
    if (place instanceof Place.Earliest) {
      return new Place.At(partition.position(partition.bounds().start()));
    }
    if (place instanceof Place.Latest) {
      return new Place.At(partition.position(partition.bounds().end()));
    }
    if (place instanceof Place.Since since) {
      return new Place.At(partition.position(partition.firstSince(since.timestamp())));
    }
    partition.offsetOf(place); // fails for a position of something else
    return place;
  }

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return connection.ask(() -> Set.copyOf(connection.topic(topic).groupNames()));
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    return connection.ask(
        () -> Optional.ofNullable(connection.topic(topic).group(group)).map(MemoryGroup::describe));
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    Map<String, StoredCursor> all = Map.copyOf(cursors);
    return tell(
        () -> {
          MemoryGroup there = connection.topic(topic).group(group);
          if (there == null) {
            throw MemoryErrors.noGroup(topic, group);
          }
          there.write(all);
        });
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    return tell(() -> connection.topic(topic).deleteGroup(group));
  }

  private CompletionStage<Void> tell(Runnable work) {
    Function<@Nullable Object, @Nullable Void> nothing = done -> null;
    return connection
        .<@Nullable Object>ask(
            () -> {
              work.run();
              return null;
            })
        .thenApply(nothing);
  }
}
