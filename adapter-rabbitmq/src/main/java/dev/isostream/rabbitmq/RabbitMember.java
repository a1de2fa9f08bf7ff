package dev.isostream.rabbitmq;

import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.log.LogGroup;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * A member: lanes come and go by leases, so it reads what it is told to and stores cursors in the
 * group's stream. Partition 0 is the anchor.
 */
final class RabbitMember extends RabbitSource implements GroupSource {

  private final String memberId;
  private final LogGroup group;
  private final Runnable onClose;

  RabbitMember(
      RabbitCluster cluster, RabbitTopic topic, GroupSpec spec, LogGroup group, Runnable onClose) {
    super(cluster, topic, spec.maxPollRecords(), spec.maxFetchBytes());
    this.memberId = spec.memberId();
    this.group = group;
    this.onClose = onClose;
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    return group.commit(memberId, commits);
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
