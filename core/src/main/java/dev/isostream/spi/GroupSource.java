package dev.isostream.spi;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * A member's source: its lanes come from the broker, or from the engine by leases, and have
 * cursors.
 */
public interface GroupSource extends Source {

  /**
   * Stores cursors, in one request where the backend can.
   *
   * <p>The stage says for each lane null for stored durably, or why not: {@link ErrorKind#FENCED}
   * where the lane is another's. It completes on the owner's thread or any other; on the owner's
   * from inside {@link #poll} or this call. Never sent again on its own: a commit for a lane that
   * moved meanwhile must not slip in under the next epoch (contract G7).
   *
   * <p>One commit is in flight at a time.
   */
  CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits);

  /**
   * Whether commits are to name what was settled behind their place, where {@link
   * DriverTraits#acksIndividually} does not hold: for a backend whose own tools are to show it,
   * though the cursor is what counts.
   */
  default boolean showsSettled() {
    return false;
  }

  /** Gives a lane back that was {@link SourceListener#revoking}; it is drained and committed. */
  void release(Lane lane);

  /**
   * Leaves the group: lanes go to others at once, without waiting for the failover time (contract
   * F4). The engine has drained and committed them.
   */
  @Override
  void close();

  /** What became of one lane's commit. */
  sealed interface CommitOutcome {

    /** Stored durably. */
    record Stored() implements CommitOutcome {}

    /** Not stored, as far as is known. */
    record Failed(DriverException cause) implements CommitOutcome {}
  }
}
