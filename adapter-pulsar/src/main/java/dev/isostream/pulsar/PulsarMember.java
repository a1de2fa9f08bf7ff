package dev.isostream.pulsar;

import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.log.LogGroup;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * A member: lanes come and go by leases, so it reads what it is told to and stores cursors in the
 * group's topic. Partition 0 is the anchor. What was stored it shows in the native subscription.
 */
final class PulsarMember extends PulsarSource implements GroupSource {

  private final String memberId;
  private final LogGroup group;
  private final PulsarTrail trail;
  private final Runnable onClose;

  PulsarMember(
      PulsarClients clients, PulsarTopic topic, GroupSpec spec, LogGroup group, Runnable onClose) {
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
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    return group
        .commit(memberId, commits)
        .whenComplete(
            (outcomes, failure) -> {
              if (outcomes != null) {
                show(commits, outcomes);
              }
            });
  }

  private void show(List<LaneCommit> commits, Map<Lane, CommitOutcome> outcomes) {
    for (LaneCommit commit : commits) {
      if (outcomes.get(commit.lane()) instanceof CommitOutcome.Stored) {
        trail.stored(commit);
      }
    }
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
