package dev.isostream.engine.consume;

import dev.isostream.engine.Nanos;
import java.time.Duration;

/** Reports deliveries that stay unsettled, once each, and never redelivers them (contract D7). */
final class StuckWatch<T> {

  private final MemberLoop<T> member;
  private final long ageNanos;
  private final long intervalNanos;
  private long dueNanos = Long.MIN_VALUE;

  StuckWatch(MemberLoop<T> member) {
    this.member = member;
    this.ageNanos = Nanos.of(member.settings().stuckAfter());
    this.intervalNanos = Math.max(1_000_000L, Math.min(1_000_000_000L, ageNanos / 4));
  }

  /** Looks if it is time; says when it is next. */
  long tick(long nowNanos) {
    if (member.dispatcher().offered() == 0) {
      return Long.MAX_VALUE;
    }
    if (dueNanos > nowNanos) {
      return dueNanos;
    }
    dueNanos = nowNanos + intervalNanos;
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.offered > 0) {
        look(lane, nowNanos);
      }
    }
    return dueNanos;
  }

  private void look(LaneState<T> lane, long nowNanos) {
    for (HeldDelivery<T> delivery : lane.window.openMessages()) {
      long age = nowNanos - delivery.handedNanos;
      if (delivery.state() == HeldDelivery.OUT && !delivery.reportedStuck && age >= ageNanos) {
        delivery.reportedStuck = true;
        member.told().stuck(delivery, Duration.ofNanos(age));
      }
    }
  }
}
