package dev.isostream.kafka;

import dev.isostream.GroupAdmin;
import dev.isostream.spi.Admin;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;

/** Topics, groups and places, through the admin client, which sees to time-outs and retries. */
final class KafkaAdmin implements Admin {

  private static final ListOffsetsOptions AS_READERS =
      new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);

  /** The client itself sees to the request timeout. */
  private static final int GRACE_MILLIS = 1000;

  private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

  private final KafkaConfig config;
  private final org.apache.kafka.clients.admin.Admin client;

  KafkaAdmin(KafkaConfig config, org.apache.kafka.clients.admin.Admin client) {
    this.config = config;
    this.client = client;
  }

  private static <T> CompletionStage<T> stage(String doing, KafkaFuture<T> future) {
    return KafkaErrors.stage(doing, future.toCompletionStage());
  }

  private static <T> T recover(
      Throwable failure, ErrorKind from, java.util.function.Supplier<T> otherwise) {
    if (KafkaErrors.kind(failure) == from) {
      return otherwise.get();
    }
    throw KafkaErrors.translate("", failure);
  }

  // ---- topics

  /**
   * A topic that exists and may be used for this. Blocks for the request timeout at most.
   *
   * @param needed asked for here, since the clients would tell only later, record by record
   */
  KafkaTopic find(String topic, AclOperation needed) {
    String doing = "Looking for topic \"" + topic + "\"";
    try {
      TopicDescription found =
          describe(topic, true)
              .toCompletableFuture()
              .get(config.requestTimeout().toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
      Set<AclOperation> granted = found.authorizedOperations();
      if (granted != null && !granted.contains(needed)) {
        throw KafkaErrors.of(
            ErrorKind.AUTHORIZATION, "Opening topic \"" + topic + "\" to " + needed, null);
      }
      return topic(found);
    } catch (ExecutionException e) {
      throw KafkaErrors.translate(doing, e);
    } catch (TimeoutException e) {
      throw KafkaErrors.of(ErrorKind.UNAVAILABLE, doing, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw KafkaErrors.of(ErrorKind.UNAVAILABLE, doing, e);
    }
  }

  private CompletionStage<TopicDescription> describe(String topic, boolean withPermissions) {
    DescribeTopicsOptions options =
        new DescribeTopicsOptions().includeAuthorizedOperations(withPermissions);
    return stage(
            "Looking for topic \"" + topic + "\"",
            client.describeTopics(List.of(topic), options).allTopicNames())
        .thenApply(found -> found.values().iterator().next());
  }

  private CompletionStage<KafkaTopic> describe(String topic) {
    return describe(topic, false).thenApply(KafkaAdmin::topic);
  }

  private static KafkaTopic topic(TopicDescription found) {
    return new KafkaTopic(found.name(), found.topicId().toString(), found.partitions().size());
  }

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    NewTopic wanted =
        new NewTopic(topic, partitions, config.replicationFactor()).configs(config.topicConfig());
    return stage(
            "Creating topic \"" + topic + "\" with " + partitions + " partitions",
            client.createTopics(List.of(wanted)).all())
        .thenCompose(done -> awaitLeaders(topic, partitions, limit()));
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    return stage(
            "Giving topic \"" + topic + "\" " + partitions + " partitions",
            client.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions))).all())
        .thenCompose(done -> awaitLeaders(topic, partitions, limit()));
  }

  private Timer limit() {
    return Time.SYSTEM.timer(config.requestTimeout());
  }

  /**
   * Ready is what every leader answers for. The client waits for leaders, but not for the broker
   * that it happens to ask to hear of the topic, which takes some milliseconds.
   */
  private CompletionStage<Void> awaitLeaders(String topic, int partitions, Timer limit) {
    Map<Integer, OffsetSpec> ends = new HashMap<>();
    IntStream.range(0, partitions).forEach(number -> ends.put(number, OffsetSpec.latest()));
    return describeTopic(topic)
        .thenCompose(
            found -> {
              limit.update();
              return found.isEmpty() && limit.notExpired()
                  ? awaitLeaders(topic, partitions, limit)
                  : offsets(topic, ends).thenCompose(all -> DONE);
            });
  }

  private CompletionStage<Void> awaitGone(String topic, Timer limit) {
    return describeTopic(topic)
        .thenCompose(
            found -> {
              limit.update();
              return found.isPresent() && limit.notExpired() ? awaitGone(topic, limit) : DONE;
            });
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    return stage("Deleting topic \"" + topic + "\"", client.deleteTopics(List.of(topic)).all())
        .thenCompose(done -> awaitGone(topic, limit()))
        .thenCompose(done -> deleteGroups(topic));
  }

  /**
   * Their cursors go with the topic; what is left is names, if the broker lets us see them at all.
   */
  private CompletionStage<Void> deleteGroups(String topic) {
    return listGroups(topic)
        .thenCompose(
            groups -> {
              List<String> ids = groups.stream().map(g -> KafkaGroups.id(topic, g)).toList();
              return client.deleteConsumerGroups(ids).all().toCompletionStage();
            })
        .exceptionally(failure -> null);
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return describe(topic)
        .thenApply(
            found ->
                Optional.of(
                    new TopicInfo(
                        topic,
                        IntStream.range(0, found.partitions()).mapToObj(Integer::toString).toList(),
                        found.incarnation())))
        .exceptionally(e -> recover(e, ErrorKind.TOPIC_NOT_FOUND, Optional::empty));
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return stage("Listing topics", client.listTopics().names());
  }

  // ---- places

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    return describe(topic).thenCompose(found -> locate(found, places));
  }

  private CompletionStage<Map<String, Place>> locate(KafkaTopic topic, Map<String, Place> places) {
    Map<String, Place> located = new HashMap<>();
    Map<Integer, OffsetSpec> asked = new HashMap<>();
    places.forEach(
        (partition, place) -> {
          int number = topic.partition(partition).id().partition();
          if (number >= topic.partitions()) {
            throw KafkaErrors.of(
                ErrorKind.INVALID,
                "Looking for a place in partition "
                    + partition
                    + " of topic \""
                    + topic.name()
                    + "\", which has "
                    + topic.partitions()
                    + ",",
                null);
          }
          if (place instanceof Place.Earliest) {
            asked.put(number, OffsetSpec.earliest());
          } else if (place instanceof Place.Latest) {
            asked.put(number, OffsetSpec.latest());
          } else if (place instanceof Place.Since since) {
            asked.put(number, OffsetSpec.forTimestamp(since.timestamp().toEpochMilli()));
          } else {
            located.put(partition, place);
          }
        });
    return offsets(topic.name(), asked)
        .thenCompose(found -> orLatest(topic.name(), found))
        .thenApply(
            found -> {
              found.forEach(
                  (number, offset) -> {
                    KafkaTopic.Partition partition = topic.partition(number);
                    located.put(partition.name(), new Place.At(partition.position(offset)));
                  });
              return located;
            });
  }

  /** No message is that young: the end. */
  private CompletionStage<Map<Integer, Long>> orLatest(String topic, Map<Integer, Long> found) {
    Map<Integer, OffsetSpec> missing = new HashMap<>();
    found.forEach(
        (partition, offset) -> {
          if (offset < 0) {
            missing.put(partition, OffsetSpec.latest());
          }
        });
    return offsets(topic, missing)
        .thenApply(
            ends -> {
              Map<Integer, Long> all = new HashMap<>(found);
              all.putAll(ends);
              return all;
            });
  }

  private CompletionStage<Map<Integer, Long>> offsets(
      String topic, Map<Integer, OffsetSpec> asked) {
    if (asked.isEmpty()) {
      return CompletableFuture.completedStage(Map.of());
    }
    Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
    asked.forEach((partition, spec) -> specs.put(new TopicPartition(topic, partition), spec));
    return stage(
            "Looking for places in topic \"" + topic + "\"",
            client.listOffsets(specs, AS_READERS).all())
        .thenApply(
            found -> {
              Map<Integer, Long> offsets = new HashMap<>();
              found.forEach((id, info) -> offsets.put(id.partition(), info.offset()));
              return offsets;
            });
  }

  // ---- groups

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return stage("Listing the groups of topic \"" + topic + "\"", client.listGroups().all())
        .thenApply(
            all ->
                all.stream()
                    .map(GroupListing::groupId)
                    .flatMap(id -> KafkaGroups.group(topic, id).stream())
                    .collect(Collectors.toSet()));
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    String id = KafkaGroups.id(topic, group);
    String doing = "Describing group \"" + group + "\" of topic \"" + topic + "\"";
    CompletionStage<Optional<ConsumerGroupDescription>> described =
        stage(doing, client.describeConsumerGroups(List.of(id)).all())
            .thenApply(
                found ->
                    found.values().stream()
                        .filter(d -> d.groupState() != GroupState.DEAD)
                        .findAny())
            .exceptionally(e -> recover(e, ErrorKind.GROUP_NOT_FOUND, Optional::empty));
    return described.thenCompose(
        found ->
            found.isEmpty()
                ? CompletableFuture.completedStage(Optional.empty())
                : lanes(topic, id, doing)
                    .thenApply(lanes -> Optional.of(new GroupInfo(members(found.get()), lanes))));
  }

  private static List<GroupAdmin.Member> members(ConsumerGroupDescription found) {
    List<GroupAdmin.Member> members = new ArrayList<>();
    for (MemberDescription member : found.members()) {
      Set<String> partitions = new HashSet<>();
      member
          .assignment()
          .topicPartitions()
          .forEach(id -> partitions.add(Integer.toString(id.partition())));
      members.add(new GroupAdmin.Member(member.consumerId(), member.host(), partitions));
    }
    return members;
  }

  private CompletionStage<Map<String, LaneInfo>> lanes(String topic, String id, String doing) {
    return describe(topic)
        .thenCombine(
            stage(doing, client.listConsumerGroupOffsets(id).partitionsToOffsetAndMetadata()),
            Lanes::new)
        .thenCompose(lanes -> offsets(topic, lanes.ends()).thenApply(lanes::infos));
  }

  /** A group's cursors. */
  private record Lanes(KafkaTopic topic, Map<TopicPartition, OffsetAndMetadata> cursors) {

    Map<Integer, OffsetSpec> ends() {
      Map<Integer, OffsetSpec> asked = new HashMap<>();
      ours().forEach(partition -> asked.put(partition, OffsetSpec.latest()));
      return asked;
    }

    private List<Integer> ours() {
      return cursors.entrySet().stream()
          .filter(e -> e.getValue() != null && e.getKey().topic().equals(topic.name()))
          .map(e -> e.getKey().partition())
          .filter(number -> number < topic.partitions())
          .toList();
    }

    Map<String, LaneInfo> infos(Map<Integer, Long> ends) {
      Map<String, LaneInfo> infos = new HashMap<>();
      ends.forEach(
          (number, end) -> {
            KafkaTopic.Partition partition = topic.partition(number);
            OffsetAndMetadata stored = Objects.requireNonNull(cursors.get(partition.id()));
            // offsets also count what readers don't see, and what was compacted away
            long backlog = Math.max(0, end - stored.offset());
            infos.put(
                partition.name(),
                new LaneInfo(
                    KafkaCursors.decode(partition, stored), number == 0, backlog, backlog == 0));
          });
      return infos;
    }
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    return describe(topic).thenCompose(found -> writeCursors(found, group, cursors));
  }

  private CompletionStage<Void> writeCursors(
      KafkaTopic topic, String group, Map<String, StoredCursor> cursors) {
    String doing = "Moving group \"" + group + "\" of topic \"" + topic.name() + "\"";
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    cursors.forEach(
        (partition, cursor) -> {
          if (!topic.holds(cursor.place())) {
            throw KafkaErrors.of(
                ErrorKind.REMOVED, doing + " into a former topic of its name", null);
          }
          offsets.put(topic.partition(partition).id(), KafkaCursors.encode(cursor));
        });
    String id = KafkaGroups.id(topic.name(), group);
    return KafkaErrors.stage(
        doing,
        client
            .alterConsumerGroupOffsets(id, offsets)
            .all()
            .toCompletionStage()
            .exceptionally(failure -> throwActive(doing, failure)));
  }

  /** The broker takes offsets from no member only while there is none. */
  private static Void throwActive(String doing, Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (failure instanceof UnknownMemberIdException || cause instanceof UnknownMemberIdException) {
      throw KafkaErrors.of(ErrorKind.GROUP_ACTIVE, doing, cause);
    }
    throw KafkaErrors.translate(doing, failure);
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    return stage(
        "Deleting group \"" + group + "\" of topic \"" + topic + "\"",
        client.deleteConsumerGroups(List.of(KafkaGroups.id(topic, group))).all());
  }
}
