package dev.isostream.kinesis;

import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/** Topics, groups and places. Thread-safe. */
final class KinesisAdmin implements Admin {

  private static final int MOST_PARTITIONS = 10_000;
  private static final int PAGE = 1000;

  private final KinesisClients clients;
  private final KinesisGroups groups;

  KinesisAdmin(KinesisClients clients, KinesisGroups groups) {
    this.clients = clients;
    this.groups = groups;
  }

  private KinesisAsyncClient kinesis() {
    return clients.kinesis();
  }

  private KinesisStream find(String topic) {
    return KinesisStream.find(kinesis(), topic);
  }

  // ---- topics

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    String doing = "Creating topic \"" + topic + "\" with " + partitions + " shards";
    return clients.tell(
        doing,
        () -> {
          checkPartitions(doing, partitions);
          try {
            var unused =
                KinesisClients.await(
                    kinesis().createStream(r -> r.streamName(topic).shardCount(partitions)));
          } catch (ResourceInUseException taken) {
            throw KinesisErrors.of(ErrorKind.ALREADY_EXISTS, doing, taken);
          }
          clients.waiting().untilStreamServes(topic);
          int hours = clients.config().topicRetentionHours();
          if (hours > 0) {
            KinesisClients.await(
                kinesis()
                    .increaseStreamRetentionPeriod(
                        r -> r.streamName(topic).retentionPeriodHours(hours)));
            clients.waiting().untilStreamServes(topic);
          }
        });
  }

  private static void checkPartitions(String doing, int partitions) {
    if (partitions < 1 || partitions > MOST_PARTITIONS) {
      throw new DriverException(
          ErrorKind.INVALID, doing + " failed: allowed are 1 to " + MOST_PARTITIONS + ".", null);
    }
  }

  /** The service doubles the number of shards at most, so there may be several steps. */
  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    String doing = "Giving topic \"" + topic + "\" " + partitions + " shards";
    return clients.tell(
        doing,
        () -> {
          checkPartitions(doing, partitions);
          var unused = find(topic);
          int now = shards(topic).openCount();
          if (partitions <= now) {
            throw new DriverException(
                ErrorKind.INVALID,
                doing + " failed: it has " + now + " open ones; it can only get more.",
                null);
          }
          while (now < partitions) {
            int step = Math.min(partitions, now * 2);
            KinesisClients.await(
                kinesis()
                    .updateShardCount(
                        r ->
                            r.streamName(topic)
                                .targetShardCount(step)
                                .scalingType(ScalingType.UNIFORM_SCALING)));
            clients.waiting().untilStreamServes(topic);
            now = step;
          }
        });
  }

  private KinesisShards shards(String topic) {
    return KinesisClients.await(KinesisStream.shards(kinesis(), topic));
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    return clients.tell(
        "Deleting topic \"" + topic + "\"",
        () -> {
          var unused = find(topic);
          KinesisClients.await(
              kinesis().deleteStream(r -> r.streamName(topic).enforceConsumerDeletion(true)));
          clients.waiting().untilStreamIsGone(topic);
          groups.forget(topic);
        });
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return clients.ask(
        "Looking for topic \"" + topic + "\"",
        () ->
            look(topic)
                .map(stream -> new TopicInfo(topic, shards(topic).names(), stream.incarnation())));
  }

  private Optional<KinesisStream> look(String topic) {
    try {
      return Optional.of(find(topic));
    } catch (ResourceNotFoundException absent) {
      return Optional.empty();
    } catch (DriverException e) {
      if (e.kind() == ErrorKind.TOPIC_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return list(new HashSet<>(), null)
        .exceptionallyCompose(
            failure ->
                CompletableFuture.failedFuture(KinesisErrors.translate("Listing topics", failure)));
  }

  private CompletableFuture<Set<String>> list(Set<String> names, @Nullable String last) {
    return kinesis()
        .listStreams(r -> r.limit(PAGE).exclusiveStartStreamName(last))
        .thenCompose(
            answer -> {
              names.addAll(answer.streamNames());
              String next = next(answer);
              return next == null ? CompletableFuture.completedFuture(names) : list(names, next);
            });
  }

  private static @Nullable String next(ListStreamsResponse answer) {
    List<String> names = answer.streamNames();
    return Boolean.TRUE.equals(answer.hasMoreStreams()) && !names.isEmpty()
        ? names.get(names.size() - 1)
        : null;
  }

  // ---- places

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    String doing = "Looking for places in topic \"" + topic + "\"";
    return clients
        .ask(doing, () -> new KinesisPlaces(kinesis(), find(topic), shards(topic)))
        .thenCompose(found -> found.locate(places))
        .exceptionallyCompose(
            failure -> CompletableFuture.failedFuture(KinesisErrors.translate(doing, failure)));
  }

  // ---- groups

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return clients.ask(
        "Listing the groups of topic \"" + topic + "\"",
        () -> {
          var unused = find(topic);
          return groups.list(topic);
        });
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    return clients.ask(
        "Describing group \"" + group + "\" of topic \"" + topic + "\"",
        () -> groups.describe(find(topic), group));
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    String doing = "Moving group \"" + group + "\" of topic \"" + topic + "\"";
    return clients.tell(doing, () -> groups.write(doing, find(topic), group, Map.copyOf(cursors)));
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    String doing = "Deleting group \"" + group + "\" of topic \"" + topic + "\"";
    return clients.tell(doing, () -> groups.delete(doing, find(topic), group));
  }
}
