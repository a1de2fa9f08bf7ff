package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.consume.LaneState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Lets lanes go in good order: nothing more is handed out, what runs finishes, settlements are
 * stored, then the lane is released (contract G4), or the member leaves (F4). Confined to the loop.
 */
final class Handover<T> {

  private static final long PARK_NANOS = 50_000_000L;

  /** A broker that answers later than this is as good as away. */
  private static final Duration LONGEST_STORING = Duration.ofSeconds(5);

  private final MemberLoop<T> member;
  private final Map<LaneState<T>, Long> revoking = new LinkedHashMap<>();
  private final List<CompletableFuture<Void>> drains = new ArrayList<>();
  private final Set<LaneState<T>> lastCommitAsked = new LinkedHashSet<>();
  private long endBy = Long.MAX_VALUE;
  private long storeBy = Long.MAX_VALUE;
  private long leaveBy = Long.MAX_VALUE;
  private boolean overrun;
  private boolean leavingLeases;

  /** Whether the source waits in its callback for lanes to be released. */
  private boolean inCallback;

  Handover(MemberLoop<T> member) {
    this.member = member;
  }

  private long drainNanos() {
    return Nanos.of(member.settings().drainLimit());
  }

  /**
   * How long the broker has to store the last settlements, and again to give the leases up, when a
   * member ends. It has nothing to do with how long handlers may take: who ends with a limit of
   * nothing still stores what is settled, and takes its notes back (contract F4).
   */
  private long storingNanos() {
    Duration failover = member.driver().limits().failoverTime().dividedBy(2);
    long most = Nanos.of(failover.compareTo(LONGEST_STORING) < 0 ? failover : LONGEST_STORING);
    return Math.max(most, drainNanos() / 4);
  }

  /** A lane is to go to another member. */
  void begin(LaneState<T> lane) {
    if (lane.phase == Phase.OPENING) {
      gone(lane);
      member.release(lane.lane);
      return;
    }
    if (lane.phase != Phase.ACTIVE) {
      return;
    }
    lane.phase = Phase.REVOKING;
    lane.stop();
    member.source().pause(lane.lane);
    member.outlet().takeBack();
    revoking.put(lane, member.nanoTime() + drainNanos());
    tick(member.nanoTime());
  }

  /** The source's callback holds the lanes until this returns. */
  boolean awaitReleases(Duration limit) {
    long deadline = member.nanoTime() + Nanos.of(limit);
    long now;
    inCallback = true;
    try {
      while (!revoking.isEmpty() && (now = member.nanoTime()) < deadline) {
        if (!member.mailbox().deliverAll()) {
          long next = Math.min(member.tick(now), deadline);
          if (!revoking.isEmpty() && member.mailbox().isEmpty()) {
            member.mailbox().park(Math.max(1, Math.min(PARK_NANOS, next - now)));
          }
        }
        tick(member.nanoTime());
      }
    } finally {
      inCallback = false;
      // The box counts the loop as awake, so that mail would not end the rest of the poll.
      member.source().wakeup();
    }
    return revoking.isEmpty();
  }

  /** Lets go what can go; says when to look again. */
  long tick(long now) {
    long next = Long.MAX_VALUE;
    if (!revoking.isEmpty()) {
      for (Map.Entry<LaneState<T>, Long> each : List.copyOf(revoking.entrySet())) {
        next = Math.min(next, letGo(each.getKey(), each.getValue(), now));
      }
    }
    if (!drains.isEmpty() && isDrained()) {
      List<CompletableFuture<Void>> done = List.copyOf(drains);
      drains.clear();
      done.forEach(drained -> drained.complete(null));
    }
    if (member.isEnding()) {
      next = Math.min(next, endIfDone(now));
    }
    return next;
  }

  private long letGo(LaneState<T> lane, long deadline, long now) {
    if (lane.offered > 0 || lane.condemned > 0) {
      if (now < deadline) {
        return deadline;
      }
      abandon(lane);
    }
    if (!isStored(lane)) {
      return Long.MAX_VALUE;
    }
    gone(lane);
    member.release(lane.lane);
    member.told().revoked(Set.of(lane.lane.name()));
    return Long.MAX_VALUE;
  }

  /**
   * Whether everything of a lane that has nothing in hand any more is stored; asks for it if not.
   */
  private boolean isStored(LaneState<T> lane) {
    if (lastCommitAsked.add(lane)) {
      member.committer().wantNow(lane);
      member.committer().tick(member.nanoTime());
    }
    return !lane.dirty && !member.committer().isInFlight();
  }

  /**
   * The limit is over: handlers that still run are told, and their messages come again elsewhere.
   */
  private void abandon(LaneState<T> lane) {
    for (HeldDelivery<T> delivery : lane.window.openMessages()) {
      if (delivery.takeBack(HeldDelivery.STALE)) {
        member.dispatcher().over(lane, delivery, false);
      }
      // Also a handler that nacked and runs on.
      delivery.interruptRunner();
    }
    lane.condemned = 0;
  }

  /** A lane is not this member's any more, in whatever way. */
  void gone(LaneState<T> lane) {
    if (lane.phase == Phase.GONE) {
      return;
    }
    lane.stop();
    lane.phase = Phase.GONE;
    revoking.remove(lane);
    lastCommitAsked.remove(lane);
    member.lanes().remove(lane);
    member.outlet().takeBack();
    for (HeldDelivery<T> delivery : lane.window.openMessages()) {
      if (!delivery.takeBack(HeldDelivery.STALE)) {
        // Settled, and not to become durable any more: it may be on its way to the dead-letter
        // topic for long.
        Committer.failStale(delivery);
      }
      delivery.interruptRunner();
    }
    lane.awaitingCommit.forEach(Committer::failStale);
    lane.awaitingCommit.clear();
    lane.cumulative.forEach(c -> c.whole().completeExceptionally(c.stale()));
    lane.cumulative.clear();
    lane.ready.clear();
    member.settler().gone(lane);
    member.flow().gone(lane);
    member.dispatcher().gone(lane);
    member.dispatcher().checkCleared();
  }

  // --- drain and end

  void awaitDrained(CompletableFuture<Void> drained) {
    for (LaneState<T> lane : member.lanes().active()) {
      member.committer().wantNow(lane);
    }
    drains.add(drained);
    tick(member.nanoTime());
  }

  void resumed() {
    drains.forEach(drained -> drained.cancel(false));
    drains.clear();
  }

  /** The member ends with something unsettled in hand. */
  void failDrains() {
    List<CompletableFuture<Void>> failing = List.copyOf(drains);
    drains.clear();
    failing.forEach(
        drained ->
            drained.completeExceptionally(
                new ClosedException(
                    "The member of group \""
                        + member.settings().group()
                        + "\" was closed before everything in hand was settled.")));
  }

  private boolean isDrained() {
    if (member.dispatcher().offered() > 0 || member.settler().condemnedOpen() > 0) {
      return false;
    }
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.dirty && lane.phase != Phase.OPENING) {
        return false;
      }
    }
    return !member.committer().isInFlight();
  }

  /**
   * Stops handing out and fetching; ends when what is in hand is over, at the latest after so long.
   */
  void beginEnd(Duration limit) {
    long by = member.nanoTime() + Nanos.of(limit);
    if (member.isEnding()) {
      endBy = Math.min(endBy, by);
      return;
    }
    member.setEnding();
    endBy = by;
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.phase == Phase.OPENING) {
        gone(lane);
      } else {
        lane.stop();
        member.source().pause(lane.lane);
      }
    }
    member.outlet().takeBack();
  }

  private long endIfDone(long now) {
    boolean inHand = member.dispatcher().offered() > 0 || member.settler().condemnedOpen() > 0;
    if (inHand && now < endBy) {
      return endBy;
    }
    if (inHand && !overrun) {
      overrun = true;
      failDrains();
      member.lanes().active().forEach(this::abandon);
    }
    if (storeBy == Long.MAX_VALUE) {
      storeBy = now + storingNanos();
    }
    boolean stored = true;
    for (LaneState<T> lane : member.lanes().active()) {
      stored &= isStored(lane);
    }
    if (((inHand || !stored) && now < storeBy) || inCallback) {
      // A source can't be closed in the middle of its own callback.
      return storeBy;
    }
    return leave(now);
  }

  private long leave(long now) {
    LeasedLanes<T> leased = member.leased();
    if (leased == null) {
      member.finish();
      return Long.MAX_VALUE;
    }
    if (!leavingLeases) {
      leavingLeases = true;
      leaveBy = now + storingNanos();
      leased.close().whenComplete((left, failure) -> member.onLoop(member::finish));
    } else if (now >= leaveBy) {
      member.finish();
    }
    return leaveBy;
  }
}
