package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import dev.isostream.spi.log.LogGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.pulsar.client.admin.PulsarAdminException;
import org.apache.pulsar.client.admin.Topics;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.common.naming.TopicName;
import org.apache.pulsar.common.policies.data.ManagedLedgerInternalStats.LedgerInfo;
import org.apache.pulsar.common.policies.data.PersistentTopicInternalStats;
import org.jspecify.annotations.Nullable;

/** Topics, groups and places. */
final class PulsarAdmin implements Admin {

  /** Looks at the broker, each a round trip, until a change is seen. */
  private static final int LOOKS = 1000;

  private static final String ENABLED = "Enabled";

  private final PulsarClients clients;

  PulsarAdmin(PulsarClients clients) {
    this.clients = clients;
  }

  private Topics topics() {
    return clients.admin().topics();
  }

  // ---- topics

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    String doing = "Creating topic \"" + topic + "\" with " + partitions + " partitions";
    String name = clients.nativeName(topic);
    return clients.async(
        doing,
        () -> {
          topics().createPartitionedTopic(name, partitions);
          clients.admin().topicPolicies().setRetention(name, clients.config().retention());
          PulsarTopic made = clients.await(doing, clients.find(topic));
          if (clients.config().ensuresDeduplication()) {
            clients.await(doing, refuseCopies(doing, made));
          }
          return null;
        });
  }

  /**
   * Sees to it that each partition refuses copies; a policy of the topic, where neither the broker
   * nor the namespace has one.
   */
  CompletableFuture<Boolean> refuseCopies(String doing, PulsarTopic topic) {
    return clients.async(
        doing,
        () -> {
          String name = clients.nativeName(topic.name());
          Boolean applied = clients.admin().topicPolicies().getDeduplicationStatus(name, true);
          if (Boolean.TRUE.equals(applied)) {
            return true;
          }
          clients.admin().topicPolicies().setDeduplicationStatus(name, true);
          for (String partition : topic.nativeNames()) {
            awaitRefusing(doing, partition);
          }
          return true;
        });
  }

  /** A policy takes effect a little later than it is set. */
  private void awaitRefusing(String doing, String partition) throws PulsarAdminException {
    for (int i = 0; i < LOOKS; i++) {
      if (ENABLED.equals(topics().getStats(partition).getDeduplicationStatus())) {
        return;
      }
    }
    throw PulsarErrors.of(ErrorKind.UNAVAILABLE, doing, null);
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    String doing = "Giving topic \"" + topic + "\" " + partitions + " partitions";
    return clients.async(
        doing,
        () -> {
          PulsarTopic found = clients.await(doing, clients.find(topic));
          boolean single = found.nativeNames().contains(clients.nativeName(topic));
          if (partitions <= found.partitions() || single) {
            throw new DriverException(
                ErrorKind.INVALID,
                doing
                    + " failed: it has "
                    + found.partitions()
                    + (single
                        ? " and is a topic without partitions, which can't have more."
                        : "; only more are possible."),
                null);
          }
          topics().updatePartitionedTopic(clients.nativeName(topic), partitions);
          PulsarTopic grown = clients.await(doing, clients.find(topic));
          if (clients.config().ensuresDeduplication()) {
            for (String partition : grown.nativeNames()) {
              awaitRefusing(doing, partition);
            }
          }
          return null;
        });
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    String doing = "Deleting topic \"" + topic + "\"";
    return clients.async(
        doing,
        () -> {
          PulsarTopic found = clients.await(doing, clients.find(topic));
          String name = clients.nativeName(topic);
          if (found.nativeNames().contains(name)) {
            topics().delete(name, true);
          } else {
            topics().deletePartitionedTopic(name, true);
          }
          for (String group : clients.await(doing, groups(topic))) {
            deleteQuietly(clients.groupTopic(topic, group));
          }
          return null;
        });
  }

  private void deleteQuietly(String name) throws PulsarAdminException {
    try {
      topics().delete(name, true);
    } catch (PulsarAdminException.NotFoundException e) {
      // as it is to be
    }
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return clients
        .find(topic)
        .handle(
            (found, failure) -> {
              if (failure == null) {
                return Optional.of(new TopicInfo(topic, names(found), null));
              }
              DriverException known =
                  PulsarErrors.translate("Looking for topic \"" + topic + "\"", failure);
              if (known.kind() == ErrorKind.TOPIC_NOT_FOUND) {
                return Optional.<TopicInfo>empty();
              }
              throw known;
            });
  }

  private static List<String> names(PulsarTopic topic) {
    return IntStream.range(0, topic.partitions()).mapToObj(Integer::toString).toList();
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return clients
        .list("Listing topics")
        .thenApply(
            all -> {
              Set<String> names = new TreeSet<>();
              for (String each : all) {
                String whole = TopicName.get(each).getPartitionedTopicName();
                String name = whole.substring(whole.lastIndexOf('/') + 1);
                if (whole.startsWith(clients.nativeName(""))
                    && !name.startsWith(PulsarClients.OWN_PREFIX)
                    && !name.startsWith("__")) {
                  names.add(name);
                }
              }
              return names;
            });
  }

  // ---- places

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    String doing = "Looking for places in topic \"" + topic + "\"";
    return clients.async(
        doing,
        () -> {
          PulsarTopic found = clients.await(doing, clients.find(topic));
          Map<String, Place> located = new HashMap<>();
          for (Map.Entry<String, Place> each : places.entrySet()) {
            PulsarTopic.Partition partition = found.partition(each.getKey());
            located.put(each.getKey(), locate(doing, partition, each.getValue()));
          }
          return located;
        });
  }

  private Place locate(String doing, PulsarTopic.Partition partition, Place place)
      throws Exception {
    if (place instanceof Place.Earliest) {
      return Place.Origin.INSTANCE;
    }
    if (place instanceof Place.Latest) {
      return latest(partition);
    }
    return place instanceof Place.Since since
        ? since(doing, partition, since.timestamp().toEpochMilli())
        : place;
  }

  /** Behind the last message; the origin where there is none, or none is left. */
  private Place latest(PulsarTopic.Partition partition) throws PulsarAdminException {
    MessageIdAdv last = (MessageIdAdv) topics().getLastMessageId(partition.nativeName());
    if (last.getEntryId() < 0 || !isThere(partition, last)) {
      return Place.Origin.INSTANCE;
    }
    return new Place.After(partition.position(last));
  }

  /** The broker tells the last message also where it was removed. */
  private boolean isThere(PulsarTopic.Partition partition, MessageIdAdv id)
      throws PulsarAdminException {
    for (LedgerInfo ledger : topics().getInternalStats(partition.nativeName()).ledgers) {
      if (ledger.ledgerId == id.getLedgerId()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The broker searches as if the times never went back, so the search begins a little earlier and
   * goes on by reading.
   */
  private Place since(String doing, PulsarTopic.Partition partition, long millis) throws Exception {
    Place end = latest(partition);
    Position last = PulsarTopic.position(end);
    if (last == null) {
      return end;
    }
    long early = Math.max(0, millis - clients.config().clockSkew().toMillis());
    MessageId from = topics().getMessageIdByTimestamp(partition.nativeName(), early);
    try (Reader<byte[]> reader =
        clients.await(
            doing,
            clients
                .client()
                .newReader()
                .topic(partition.nativeName())
                .startMessageId(from)
                .startMessageIdInclusive()
                .createAsync())) {
      while (clients.await(doing, reader.hasMessageAvailableAsync())) {
        Message<byte[]> message = clients.await(doing, reader.readNextAsync());
        Position position = partition.position(message);
        if (message.getPublishTime() >= millis) {
          return new Place.At(position);
        }
        if (position.compareTo(last) >= 0) {
          break;
        }
      }
    }
    return end;
  }

  // ---- groups

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return groups(topic);
  }

  private CompletableFuture<Set<String>> groups(String topic) {
    return clients
        .list("Listing the groups of topic \"" + topic + "\"")
        .thenApply(
            all -> {
              Set<String> groups = new TreeSet<>();
              for (String each : all) {
                String group = clients.groupOf(topic, each);
                if (group != null) {
                  groups.add(group);
                }
              }
              return groups;
            });
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    String doing = "Describing group \"" + group + "\" of topic \"" + topic + "\"";
    return with(topic, group, opened -> opened.describe(active()))
        .thenCompose(described -> info(topic, described))
        .exceptionally(
            failure -> {
              DriverException known = PulsarErrors.translate(doing, failure);
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
    LogGroup opened = PulsarGroup.open(clients, topic, group);
    return use.of(opened).whenComplete((done, failure) -> opened.close());
  }

  private CompletableFuture<Optional<GroupInfo>> info(String topic, LogGroup.Described described) {
    String doing = "Describing a group of topic \"" + topic + "\"";
    return clients.async(
        doing,
        () -> {
          PulsarTopic found = clients.await(doing, clients.find(topic));
          Map<String, LaneInfo> lanes = new HashMap<>();
          for (Map.Entry<String, StoredCursor> each : described.cursors().entrySet()) {
            lanes.put(each.getKey(), info(found.partition(each.getKey()), each.getValue()));
          }
          return Optional.of(new GroupInfo(described.members(), lanes));
        });
  }

  private LaneInfo info(PulsarTopic.Partition partition, StoredCursor cursor)
      throws PulsarAdminException {
    boolean anchor = partition.number() == 0;
    return cursor.place().equals(latest(partition))
        ? new LaneInfo(cursor, anchor, 0, true)
        : new LaneInfo(cursor, anchor, backlog(partition, cursor.place()), false);
  }

  /**
   * Messages behind a place, estimated: the broker counts entries, and how many messages those held
   * on the average that came since it loaded the topic.
   */
  private long backlog(PulsarTopic.Partition partition, Place place) throws PulsarAdminException {
    Position position = PulsarTopic.position(place);
    PersistentTopicInternalStats stats = topics().getInternalStats(partition.nativeName());
    long entries = 0;
    for (int i = 0; i < stats.ledgers.size(); i++) {
      LedgerInfo ledger = stats.ledgers.get(i);
      boolean open = i == stats.ledgers.size() - 1;
      entries +=
          behind(
              position,
              ledger.ledgerId,
              open ? Math.max(stats.currentLedgerEntries, ledger.entries) : ledger.entries);
    }
    long messages = topics().getStats(partition.nativeName()).getMsgInCounter();
    long perEntry =
        stats.entriesAddedCounter > 0 ? Math.max(1, messages / stats.entriesAddedCounter) : 1;
    return Math.max(1, entries * perEntry);
  }

  private static long behind(@Nullable Position position, long ledger, long entries) {
    if (position == null || ledger > position.word(0)) {
      return entries;
    }
    return ledger < position.word(0) ? 0 : Math.max(0, entries - position.word(1) - 1);
  }

  /** A member is live while its last sign of life is not older than this. */
  private Duration active() {
    return clients.config().failoverTime();
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    return with(topic, group, opened -> opened.reset(active(), cursors).toCompletableFuture())
        .thenCompose(done -> resetNative(topic, group, cursors));
  }

  /**
   * So that Pulsar's own tools show it; a partition where nobody has subscribed yet is left out.
   */
  private CompletableFuture<Void> resetNative(
      String topic, String group, Map<String, StoredCursor> cursors) {
    String doing = "Resetting group \"" + group + "\" of topic \"" + topic + "\"";
    return clients.async(
        doing,
        () -> {
          PulsarTopic found = clients.await(doing, clients.find(topic));
          for (Map.Entry<String, StoredCursor> each : cursors.entrySet()) {
            Place place = each.getValue().place();
            Position position = PulsarTopic.position(place);
            try {
              topics()
                  .resetCursor(
                      found.partition(each.getKey()).nativeName(),
                      group,
                      position == null ? MessageId.earliest : PulsarTopic.entry(position));
            } catch (PulsarAdminException e) {
              System.getLogger(PulsarAdmin.class.getName())
                  .log(System.Logger.Level.DEBUG, doing + " natively failed", e);
            }
          }
          return null;
        });
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    String doing = "Deleting group \"" + group + "\" of topic \"" + topic + "\"";
    return with(topic, group, opened -> opened.delete(active()))
        .thenCompose(
            deleted ->
                clients.async(
                    doing,
                    () -> {
                      deleteQuietly(clients.groupTopic(topic, group));
                      PulsarTopic found = clients.await(doing, clients.find(topic));
                      for (String partition : found.nativeNames()) {
                        try {
                          topics().deleteSubscription(partition, group, true);
                        } catch (PulsarAdminException.NotFoundException e) {
                          // nobody has read there yet
                        }
                      }
                      return null;
                    }));
  }
}
