package dev.isostream.kafka;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;
import org.jspecify.annotations.Nullable;

/**
 * A member of a group, by either protocol. Partition 0 is the anchor.
 *
 * <p>Zombies (contract G7): the broker checks a commit's generation, not whose the partition is. So
 * a commit goes out only for lanes that are ours at this moment, it is asked for once and carries
 * the generation of that moment, and before a lane is given back what is still on its way is waited
 * for.
 */
final class KafkaMember extends KafkaSource implements GroupSource, ConsumerRebalanceListener {

  private static final Duration SHORTEST_WAIT = Duration.ofMillis(1);
  private static final Duration LONGEST_WAIT = Duration.ofMillis(64);

  private final GroupSpec spec;

  /** Whether the client, while it waits, does not look whether a commit was answered. */
  private final boolean tellsOfCommitsLate;

  /** What a commit may take while lanes are given back. */
  private final Duration commitLimit;

  /** Ours, but not told yet, since their cursors are not known. */
  private final Set<TopicPartition> unannounced = new LinkedHashSet<>();

  private long epochs;
  private @Nullable SourceListener listener;
  private @Nullable Pending pending;

  /** Whether the client waits in its callback for lanes to be given back. */
  private boolean revoking;

  /** A commit on its way. */
  private static final class Pending {
    final List<Lane> lanes;
    final CompletableFuture<Map<Lane, CommitOutcome>> outcome = new CompletableFuture<>();
    final Timer limit;
    Duration patience = SHORTEST_WAIT;

    Pending(List<Lane> lanes, Duration limit) {
      this.lanes = lanes;
      this.limit = Time.SYSTEM.timer(limit);
    }
  }

  KafkaMember(
      KafkaTopic topic,
      GroupSpec spec,
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaConfig config) {
    super(topic, consumer, config.requestTimeout());
    this.spec = spec;
    this.commitLimit = KafkaConfig.commitLimit(spec, config.requestTimeout());
    this.tellsOfCommitsLate = config.newProtocol();
    consumer.subscribe(Set.of(topic.name()), this);
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    this.listener = listener;
    try {
      super.poll(maxWait, listener);
    } finally {
      this.listener = null;
    }
  }

  // ---- lanes come and go; called by the client from inside poll and close

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    hold(Set.copyOf(partitions));
    unannounced.addAll(partitions);
    boolean waited = wakeups.suspend();
    try {
      announce(listener);
    } catch (KafkaException e) {
      // asked again by the next poll; thrown here it would be wrapped and logged by the client
      System.getLogger(KafkaMember.class.getName())
          .log(System.Logger.Level.DEBUG, "Cursors are not known yet", e);
    } finally {
      wakeups.resume(waited);
    }
  }

  @Override
  void before(SourceListener listener) {
    announce(listener);
    giveUpPending();
  }

  /**
   * The newer protocol's client looks for answered commits once a heartbeat, or when poll begins.
   */
  @Override
  Duration patience(Duration maxWait) {
    Pending commit = pending;
    if (commit == null || !tellsOfCommitsLate || maxWait.compareTo(commit.patience) <= 0) {
      return maxWait;
    }
    Duration patience = commit.patience;
    commit.patience = patience.compareTo(LONGEST_WAIT) < 0 ? patience.multipliedBy(2) : patience;
    return patience;
  }

  @Override
  boolean isAsking() {
    return true; // for its place in the group
  }

  private void announce(@Nullable SourceListener to) {
    if (unannounced.isEmpty() || to == null) {
      return;
    }
    Set<TopicPartition> asked = new LinkedHashSet<>(unannounced);
    Map<TopicPartition, OffsetAndMetadata> cursors =
        undisturbed(() -> consumer.committed(asked, requestTimeout));
    for (TopicPartition id : asked) {
      unannounced.remove(id);
      KafkaTopic.Partition partition = topic.partition(id.partition());
      Held mine = new Held(new Lane(partition.name(), ++epochs, id.partition() == 0), partition);
      held.put(id, mine);
      OffsetAndMetadata stored = cursors.get(id);
      StoredCursor cursor = stored == null ? null : KafkaCursors.decode(partition, stored);
      to.assigned(mine.lane, cursor);
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (isClosed()) {
      return; // drained and committed before close
    }
    unannounced.removeAll(partitions);
    List<Held> going = new ArrayList<>();
    partitions.forEach(id -> addIfHeld(going, id));
    if (going.isEmpty()) {
      return;
    }
    boolean waited = wakeups.suspend();
    revoking = true;
    try {
      settlePending();
      drain(going);
    } finally {
      revoking = false;
      wakeups.resume(waited);
    }
  }

  private void addIfHeld(List<Held> list, TopicPartition id) {
    Held mine = held.get(id);
    if (mine != null) {
      list.add(mine);
    }
  }

  private void drain(List<Held> going) {
    SourceListener to = listener;
    if (to == null) {
      going.forEach(mine -> held.remove(mine.partition.id()));
      return;
    }
    going.forEach(mine -> to.revoking(mine.lane));
    // the engine gives up draining after drainLimit, and then still stores what was settled
    to.awaitReleases(spec.drainLimit().plus(commitLimit));
    for (Held mine : going) {
      if (held.remove(mine.partition.id(), mine)) {
        to.lost(mine.lane);
      }
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    unannounced.removeAll(partitions);
    for (TopicPartition id : partitions) {
      Held mine = held.remove(id);
      SourceListener to = listener;
      if (mine != null && to != null) {
        to.lost(mine.lane);
      }
    }
  }

  @Override
  public void release(Lane lane) {
    Held mine = held(lane);
    if (mine != null) {
      held.remove(mine.partition.id());
    }
  }

  // ---- cursors

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    Map<Lane, CommitOutcome> refused = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    List<Lane> lanes = new ArrayList<>();
    for (LaneCommit commit : commits) {
      Held mine = held(commit.lane());
      DriverException reason = reasonNotTo(commit, mine);
      if (mine == null || reason != null) {
        refused.put(
            commit.lane(),
            new CommitOutcome.Failed(reason == null ? stale(commit.lane()) : reason));
      } else {
        lanes.add(commit.lane());
        offsets.put(mine.partition.id(), KafkaCursors.encode(commit.cursor()));
      }
    }
    if (lanes.isEmpty()) {
      return CompletableFuture.completedStage(refused);
    }
    Pending commit = new Pending(lanes, requestTimeout);
    store(offsets, commit);
    return refused.isEmpty()
        ? commit.outcome
        : commit.outcome.thenApply(stored -> join(stored, refused));
  }

  private @Nullable DriverException reasonNotTo(LaneCommit commit, @Nullable Held mine) {
    if (mine == null) {
      return stale(commit.lane());
    }
    return topic.holds(commit.cursor().place())
        ? null
        : KafkaErrors.of(
            ErrorKind.REMOVED, doing() + " at a place in a former topic of its name", null);
  }

  private DriverException stale(Lane lane) {
    return KafkaErrors.of(ErrorKind.FENCED, doing() + " in partition " + lane.name(), null);
  }

  private static Map<Lane, CommitOutcome> join(
      Map<Lane, CommitOutcome> some, Map<Lane, CommitOutcome> others) {
    Map<Lane, CommitOutcome> all = new HashMap<>(some);
    all.putAll(others);
    return all;
  }

  private void store(Map<TopicPartition, OffsetAndMetadata> offsets, Pending commit) {
    try {
      if (revoking) {
        // the callbacks of an asynchronous one would come only after this callback
        undisturbed(
            () -> {
              consumer.commitSync(offsets, commitLimit);
              return true;
            });
        decide(commit, null);
      } else {
        pending = commit;
        consumer.commitAsync(offsets, (done, failure) -> decide(commit, failure));
      }
    } catch (RuntimeException e) {
      decide(commit, e);
    }
  }

  private void decide(Pending commit, @Nullable Exception failure) {
    if (pending == commit) {
      pending = null;
    }
    CommitOutcome one =
        failure == null
            ? new CommitOutcome.Stored()
            : new CommitOutcome.Failed(KafkaErrors.translate(doing(), failure));
    Map<Lane, CommitOutcome> all = new HashMap<>();
    commit.lanes.forEach(lane -> all.put(lane, one));
    commit.outcome.complete(all);
  }

  private String doing() {
    return "Storing the cursor of group \"" + spec.group() + "\" of topic \"" + topic.name() + "\"";
  }

  /**
   * While no coordinator is known the newer protocol holds a commit back without end. What becomes
   * of it later does no harm: it goes out before any that follows, and not under another epoch.
   */
  private void giveUpPending() {
    Pending commit = pending;
    if (commit != null) {
      commit.limit.update();
      if (commit.limit.isExpired()) {
        decide(commit, KafkaErrors.of(ErrorKind.UNAVAILABLE, doing(), null));
      }
    }
  }

  /**
   * Waits for the commit that is on its way: after the lane has moved it must have been decided.
   */
  private void settlePending() {
    Pending commit = pending;
    if (commit == null) {
      return;
    }
    try {
      undisturbed(
          () -> {
            consumer.commitSync(Map.of(), commitLimit);
            return true;
          });
    } catch (KafkaException e) {
      decide(commit, e);
    }
    if (pending == commit) {
      decide(commit, KafkaErrors.of(ErrorKind.UNAVAILABLE, doing(), null));
    }
  }

  /** Calls the client in the middle of a wait that a wakeup may have been meant for. */
  private <T> T undisturbed(Supplier<T> call) {
    try {
      return call.get();
    } catch (WakeupException e) {
      wakeups.absorbed();
      return call.get();
    }
  }

  @Override
  public void close() {
    super.close();
    Pending commit = pending;
    if (commit != null) {
      decide(commit, KafkaErrors.of(ErrorKind.CLOSED, doing(), null));
    }
  }
}
