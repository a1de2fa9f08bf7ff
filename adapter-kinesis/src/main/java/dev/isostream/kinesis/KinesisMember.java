package dev.isostream.kinesis;

import dev.isostream.kinesis.KinesisTable.Change;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A member: lanes come and go by leases, so it reads what it is told to and stores cursors in the
 * leases' items, each write under the lease's owner and epoch.
 */
final class KinesisMember extends KinesisSource implements GroupSource {

  private final KinesisTable table;
  private final GroupSpec spec;
  private final String key;
  private long commits;

  KinesisMember(
      KinesisClients clients,
      KinesisTable table,
      KinesisLanes lanes,
      KinesisFeed feed,
      GroupSpec spec) {
    super(clients, lanes, feed, spec.maxPollRecords());
    this.table = table;
    this.spec = spec;
    this.key = KinesisTable.key(spec.topic(), spec.group());
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> all) {
    CompletableFuture<Map<Lane, CommitOutcome>> outcomes =
        CompletableFuture.completedFuture(new HashMap<>());
    long number = ++commits;
    for (LaneCommit commit : all) {
      outcomes =
          outcomes.thenCombine(
              store(commit, number),
              (before, outcome) -> {
                before.put(commit.lane(), outcome);
                return before;
              });
    }
    return outcomes;
  }

  /** One that was given up may arrive after its successor: the number tells. */
  private CompletableFuture<CommitOutcome> store(LaneCommit commit, long number) {
    Change change =
        new Change(key, commit.lane().name())
            .set(KinesisTable.PLACE, KinesisTable.placeText(commit.cursor().place()))
            .set(KinesisTable.STATE, KinesisTable.bytes(commit.cursor().state()))
            .set(KinesisTable.STREAM, KinesisTable.text(stream().incarnation()))
            .set(KinesisTable.ENDED, AttributeValue.fromBool(commit.ended()))
            .set(KinesisTable.COMMIT, KinesisTable.number(number))
            .ifEqual(KinesisTable.OWNER, KinesisTable.text(spec.memberId()))
            .ifEqual(KinesisTable.EPOCH, KinesisTable.number(commit.lane().epoch()))
            .ifBelow(KinesisTable.COMMIT, number);
    return table
        .update(change)
        .<CommitOutcome>thenApply(
            item ->
                item == null
                    ? new CommitOutcome.Failed(
                        KinesisErrors.of(ErrorKind.FENCED, doing(commit.lane()), null))
                    : new CommitOutcome.Stored())
        .exceptionally(
            failure ->
                new CommitOutcome.Failed(KinesisErrors.translate(doing(commit.lane()), failure)));
  }

  private String doing(Lane lane) {
    return "Storing the cursor of group \""
        + spec.group()
        + "\" of topic \""
        + spec.topic()
        + "\" in "
        + lane.name();
  }

  /** The lease is given back, not the lane. */
  @Override
  public void release(Lane lane) {
    stop(lane);
  }
}
