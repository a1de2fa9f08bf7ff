package dev.isostream.rabbitmq;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A member: lanes come and go by leases, so it reads what it is told to and stores cursors in the
 * group's stream. Partition 0 is the anchor.
 */
final class RabbitMember extends RabbitSource implements GroupSource {

  private static final int MOST_BYTES = 512 << 10;

  private final String memberId;
  private final RabbitGroup group;
  private final Runnable onClose;
  private long commits;

  RabbitMember(
      RabbitCluster cluster,
      RabbitTopic topic,
      GroupSpec spec,
      RabbitGroup group,
      Runnable onClose) {
    super(cluster, topic, spec.maxPollRecords(), spec.maxFetchBytes());
    this.memberId = spec.memberId();
    this.group = group;
    this.onClose = onClose;
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
    List<RabbitGroupState.Commit> cursors = new ArrayList<>();
    for (LaneCommit commit : commits) {
      cursors.add(
          new RabbitGroupState.Commit(
              commit.lane().name(), commit.lane().epoch(), RabbitGroup.cursor(commit.cursor())));
    }
    return group
        .submit(
            RabbitGroupState.commit(memberId, ++this.commits, cursors),
            stored -> outcomes(commits, (List<?>) stored))
        .exceptionally(failure -> failed(commits, failure));
  }

  private static Map<Lane, CommitOutcome> outcomes(List<LaneCommit> commits, List<?> stored) {
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (int i = 0; i < commits.size(); i++) {
      Lane lane = commits.get(i).lane();
      outcomes.put(
          lane,
          Boolean.TRUE.equals(stored.get(i))
              ? new CommitOutcome.Stored()
              : new CommitOutcome.Failed(
                  RabbitErrors.of(
                      ErrorKind.FENCED, "Storing the cursor of partition " + lane.name(), null)));
    }
    return outcomes;
  }

  private static Map<Lane, CommitOutcome> failed(List<LaneCommit> commits, Throwable failure) {
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (LaneCommit commit : commits) {
      outcomes.put(
          commit.lane(),
          new CommitOutcome.Failed(RabbitErrors.translate("Storing cursors", failure)));
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
    group.close();
    onClose.run();
  }
}
