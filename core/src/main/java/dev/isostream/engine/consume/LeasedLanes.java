package dev.isostream.engine.consume;

import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.engine.lease.LeaseAssignor;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lanes dealt out by the engine, where the broker deals them out to nobody. Confined to the loop.
 */
final class LeasedLanes<T> implements LeaseAssignor.Events {

  private final MemberLoop<T> member;
  private final LeaseAssignor assignor;
  private final Outage outage;
  private final Duration calm;

  LeasedLanes(MemberLoop<T> member, EngineContext context, GroupSpec spec) {
    this.member = member;
    // The assignor notices a dead owner within a lease and a third.
    Duration ttl = context.driver().limits().failoverTime().multipliedBy(3).dividedBy(4);
    this.outage = member.outage();
    this.calm = ttl;
    this.assignor =
        new LeaseAssignor(
            context.driver().leases(spec),
            spec.memberId(),
            context.runtime(),
            ttl,
            member::onLoop,
            this);
  }

  long tick(long nowNanos) {
    member.told().works(outage, "keeping the leases", calm);
    return assignor.tick(nowNanos);
  }

  /** Whether those that are not here yet can't be had now: their parents have not ended. */
  boolean arePromised(Set<String> all, Set<String> here) {
    Set<String> listed = assignor.listed();
    return !listed.isEmpty()
        && all.stream().noneMatch(lane -> listed.contains(lane) && !here.contains(lane));
  }

  void released(Lane lane) {
    assignor.released(lane);
    member.source().stop(lane);
  }

  /** Takes no more lanes, while what is held drains. */
  void retire() {
    assignor.retire();
  }

  /** Gives up everything, drained. */
  CompletionStage<Void> close() {
    return assignor.close();
  }

  @Override
  public void assigned(Lane lane, @Nullable StoredCursor cursor) {
    member.events().assigned(lane, cursor);
  }

  @Override
  public void revoking(Lane lane) {
    member.events().revoking(lane);
  }

  @Override
  public void lost(Lane lane) {
    member.events().lost(lane);
    member.source().stop(lane);
  }

  @Override
  public void failed(Throwable failure) {
    if (Errors.kindOf(failure).isRetriable()) {
      member
          .told()
          .retried(
              outage,
              Errors.translate("keeping the leases of " + member.settings().group(), failure));
    } else {
      member.fail(Errors.translate("keeping the leases of " + member.settings().group(), failure));
    }
  }
}
