package dev.isostream.pulsar;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A member: lanes come and go by leases, so it reads what it is told to and stores cursors in the
 * group's topic. Partition 0 is the anchor. What was stored it shows in the native subscription.
 */
final class PulsarMember extends PulsarSource implements GroupSource {

  private static final int MOST_BYTES = 512 << 10;

  private final String memberId;
  private final PulsarGroup group;
  private final PulsarTrail trail;
  private final Runnable onClose;
  private long commits;

  PulsarMember(
      PulsarClients clients,
      PulsarTopic topic,
      GroupSpec spec,
      PulsarGroup group,
      Runnable onClose) {
    super(clients, topic, spec.maxPollRecords(), spec.maxFetchBytes());
    this.memberId = spec.memberId();
    this.group = group;
    this.trail = new PulsarTrail(clients, spec.group());
    this.onClose = onClose;
  }

  @Override
  public boolean showsSettled() {
    return true;
  }

  @Override
  public void read(Lane lane, Place place) {
    super.read(lane, place);
    trail.begin(lane, partition(lane));
  }

  @Override
  void told(PulsarLane lane, List<SourceRecord> records) {
    trail.told(lane.lane, records);
  }

  @Override
  public void stop(Lane lane) {
    super.stop(lane);
    trail.end(lane);
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> all) {
    CompletableFuture<Map<Lane, CommitOutcome>> outcomes =
        CompletableFuture.completedFuture(new HashMap<>());
    int from = 0;
    while (from < all.size()) {
      int to = from;
      int bytes = 0;
      while (to < all.size() && (to == from || bytes < MOST_BYTES)) {
        bytes += all.get(to).cursor().state().length + 256;
        to++;
      }
      outcomes =
          outcomes.thenCombine(
              store(all.subList(from, to)),
              (before, more) -> {
                before.putAll(more);
                return before;
              });
      from = to;
    }
    return outcomes;
  }

  private CompletableFuture<Map<Lane, CommitOutcome>> store(List<LaneCommit> commits) {
    List<PulsarGroupState.Commit> cursors = new ArrayList<>();
    for (LaneCommit commit : commits) {
      cursors.add(
          new PulsarGroupState.Commit(
              commit.lane().name(), commit.lane().epoch(), PulsarGroup.cursor(commit.cursor())));
    }
    return group
        .submit(
            PulsarGroupState.commit(memberId, ++this.commits, cursors),
            stored -> outcomes(commits, (List<?>) stored))
        .exceptionally(failure -> failed(commits, failure));
  }

  private Map<Lane, CommitOutcome> outcomes(List<LaneCommit> commits, List<?> stored) {
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (int i = 0; i < commits.size(); i++) {
      LaneCommit commit = commits.get(i);
      if (Boolean.TRUE.equals(stored.get(i))) {
        trail.stored(commit);
        outcomes.put(commit.lane(), new CommitOutcome.Stored());
      } else {
        outcomes.put(
            commit.lane(),
            new CommitOutcome.Failed(
                PulsarErrors.of(
                    ErrorKind.FENCED,
                    "Storing the cursor of partition " + commit.lane().name(),
                    null)));
      }
    }
    return outcomes;
  }

  private static Map<Lane, CommitOutcome> failed(List<LaneCommit> commits, Throwable failure) {
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (LaneCommit commit : commits) {
      outcomes.put(
          commit.lane(),
          new CommitOutcome.Failed(PulsarErrors.translate("Storing cursors", failure)));
    }
    return outcomes;
  }

  @Override
  public void release(Lane lane) {
    stop(lane);
  }

  @Override
  public void close() {
    super.close();
    trail.close();
    group.close();
    onClose.run();
  }
}
