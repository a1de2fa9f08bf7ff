package dev.isostream.engine.consume;

import dev.isostream.MessagingException;
import dev.isostream.Settlement;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Makes settlements and notes durable: one commit in flight, with everything that piled up
 * meanwhile in the next one. Confined to the loop.
 */
final class Committer<T> {

  /** How long a settlement that nobody waits for may stay in memory only. */
  static final long INTERVAL_NANOS = 50_000_000L;

  private static final long BACKOFF_FIRST_NANOS = 50_000_000L;
  private static final long BACKOFF_MAX_NANOS = 2_000_000_000L;

  private final MemberLoop<T> member;
  private final Outage outage;
  private boolean inFlight;
  private long dueNanos = Long.MAX_VALUE;
  private long backoffUntil = Long.MIN_VALUE;
  private long backoff = BACKOFF_FIRST_NANOS;

  Committer(MemberLoop<T> member) {
    this.member = member;
    this.outage = member.outage();
  }

  /** A settlement is to be stored, in a while. */
  void want(LaneState<T> lane) {
    lane.dirty = true;
    if (dueNanos == Long.MAX_VALUE) { // else it is sooner than from now on
      dueNanos = member.nanoTime() + INTERVAL_NANOS;
    }
  }

  /** Something waits for this lane's commit. */
  void wantNow(LaneState<T> lane) {
    lane.dirty = true;
    dueNanos = Long.MIN_VALUE;
  }

  /** When there is something to do; {@link Long#MAX_VALUE} for when a commit comes back. */
  long deadline() {
    if (inFlight || dueNanos == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    return Math.max(dueNanos, backoffUntil);
  }

  boolean isIdle() {
    return !inFlight && dueNanos == Long.MAX_VALUE;
  }

  boolean isInFlight() {
    return inFlight;
  }

  /** Commits if it is time. */
  void tick(long nowNanos) {
    if (inFlight || dueNanos > nowNanos || backoffUntil > nowNanos) {
      return;
    }
    dueNanos = Long.MAX_VALUE;
    List<LaneCommit> commits = new ArrayList<>();
    Map<Lane, Sent<T>> sent = new HashMap<>();
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.dirty && lane.phase != LaneState.Phase.OPENING) {
        add(lane, nowNanos, commits, sent);
      }
    }
    if (commits.isEmpty()) {
      return;
    }
    inFlight = true;
    commit(commits)
        .whenComplete(
            (outcomes, failure) -> member.onLoop(() -> completed(sent, outcomes, failure)));
  }

  /** What the source throws is one way to say that nothing was stored. */
  private CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    try {
      return member.source().commit(commits);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private void add(
      LaneState<T> lane, long nowNanos, List<LaneCommit> commits, Map<Lane, Sent<T>> sent) {
    HeldDelivery<T> alone = member.dispatcher().alone();
    boolean quiet = lane.isStopped() || member.isEnding();
    // What will not be handed out here any more must not be found alone by the next owner, which
    // would blame it for a death.
    boolean here = alone != null && alone.lane == lane && (alone.offered || !quiet);
    LaneCommit commit = lane.commit(quiet, here ? alone : null, nowNanos);
    List<HeldDelivery<T>> waiters = List.copyOf(lane.awaitingCommit);
    lane.awaitingCommit.clear();
    List<LaneState.Cumulative> cumulative = List.copyOf(lane.cumulative);
    lane.cumulative.clear();
    commits.add(commit);
    sent.put(lane.lane, new Sent<>(lane, commit, waiters, cumulative));
  }

  /** A lane's part of a commit in flight. */
  private record Sent<T>(
      LaneState<T> lane,
      LaneCommit commit,
      List<HeldDelivery<T>> waiters,
      List<LaneState.Cumulative> cumulative) {

    void failStale() {
      waiters.forEach(Committer::failStale);
      cumulative.forEach(c -> c.whole().completeExceptionally(c.stale()));
    }
  }

  private void completed(
      Map<Lane, Sent<T>> sent,
      @Nullable Map<Lane, CommitOutcome> outcomes,
      @Nullable Throwable failure) {
    inFlight = false;
    DriverException worst = null;
    for (Sent<T> part : sent.values()) {
      DriverException cause = failureOf(part, outcomes, failure);
      if (cause == null) {
        stored(part);
      } else if (cause.kind() == ErrorKind.FENCED) {
        fenced(part);
      } else {
        notStored(part);
        worst = cause;
      }
    }
    if (worst == null) {
      member.told().works(outage, "storing the group's cursor", Duration.ZERO);
      backoff = BACKOFF_FIRST_NANOS;
      backoffUntil = Long.MIN_VALUE;
    } else {
      notStored(worst);
    }
    member.committed();
  }

  private void notStored(DriverException cause) {
    MessagingException shown = Errors.translate("storing the group's cursor", cause);
    member.figures().commitsFailed++;
    if (cause.kind().isRetriable()) {
      backoffUntil = member.nanoTime() + backoff;
      backoff = Math.min(backoff * 2, BACKOFF_MAX_NANOS);
      dueNanos = Long.MIN_VALUE;
      member.told().retried(outage, shown);
    } else {
      member.fail(shown);
    }
  }

  private static <T> @Nullable DriverException failureOf(
      Sent<T> part, @Nullable Map<Lane, CommitOutcome> outcomes, @Nullable Throwable failure) {
    if (outcomes != null) {
      CommitOutcome outcome = outcomes.get(part.lane().lane);
      if (outcome instanceof CommitOutcome.Stored) {
        return null;
      }
      if (outcome instanceof CommitOutcome.Failed failed) {
        return failed.cause();
      }
    }
    if (failure instanceof DriverException known) {
      return known;
    }
    return new DriverException(
        failure == null ? ErrorKind.UNKNOWN : Errors.kindOf(failure),
        "The driver did not say what became of the commit of " + part.lane().lane,
        failure);
  }

  private void stored(Sent<T> part) {
    LaneState<T> lane = part.lane();
    lane.committed();
    for (HeldDelivery<T> waiter : part.waiters()) {
      complete(waiter);
    }
    part.cumulative().forEach(c -> c.whole().complete(Settlement.DONE));
    if (part.commit().ended()) {
      member.finished(lane);
    }
  }

  private void complete(HeldDelivery<T> waiter) {
    HeldDelivery.Verdict verdict = waiter.verdict();
    if (verdict != null) {
      verdict.settlement.complete(Settlement.DONE);
    }
  }

  private void notStored(Sent<T> part) {
    LaneState<T> lane = part.lane();
    lane.notes.stored(false);
    lane.notCommitted(part.commit());
    if (lane.phase == LaneState.Phase.GONE) {
      part.failStale();
    } else {
      lane.awaitingCommit.addAll(0, part.waiters());
      lane.cumulative.addAll(0, part.cumulative());
    }
  }

  private void fenced(Sent<T> part) {
    part.failStale();
    if (part.lane().phase != LaneState.Phase.GONE) {
      member.events().lost(part.lane().lane);
      // The source may not know yet, or ever: it would read on, and nothing would pause it.
      member.source().stop(part.lane().lane);
    }
  }

  /** A settlement that can't become durable any more: the share moved on. */
  static <T> void failStale(HeldDelivery<T> delivery) {
    HeldDelivery.Verdict verdict = delivery.verdict();
    if (verdict != null) {
      verdict.settlement.completeExceptionally(delivery.stale());
    }
  }
}
