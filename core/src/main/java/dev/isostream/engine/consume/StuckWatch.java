package dev.isostream.engine.consume;

import dev.isostream.engine.Nanos;
import java.time.Duration;

/**
 * Reports deliveries that stay unsettled, once each, and never redelivers them (contract D7).
 * Confined to the loop.
 */
final class StuckWatch<T> {

  private final MemberLoop<T> member;
  private final long ageNanos;
  private final long intervalNanos;
  private long dueNanos = Long.MIN_VALUE;
  private int stuckNow;
  private Duration longestInHand = Duration.ZERO;

  StuckWatch(MemberLoop<T> member) {
    this.member = member;
    this.ageNanos = Nanos.of(member.settings().stuckAfter());
    this.intervalNanos = Math.max(1_000_000L, Math.min(1_000_000_000L, ageNanos / 4));
  }

  /** How many were stuck at the last look. */
  int stuckNow() {
    return stuckNow;
  }

  /** The oldest one's age at the last look. */
  Duration longestInHand() {
    return longestInHand;
  }

  /** One that was stuck is over. */
  void lookAgain() {
    dueNanos = Long.MIN_VALUE;
  }

  /** Looks if it is time; says when it is next. */
  long tick(long nowNanos) {
    if (member.dispatcher().offered() == 0) {
      stuckNow = 0;
      longestInHand = Duration.ZERO;
      return Long.MAX_VALUE;
    }
    if (dueNanos > nowNanos) {
      return dueNanos;
    }
    dueNanos = nowNanos + intervalNanos;
    int stuck = 0;
    long longest = 0;
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.offered > 0) {
        for (HeldDelivery<T> delivery : lane.window.openMessages()) {
          if (delivery.state() == HeldDelivery.OUT) {
            long age = nowNanos - delivery.handedNanos;
            longest = Math.max(longest, age);
            if (age >= ageNanos) {
              stuck++;
            }
          }
        }
      }
    }
    stuckNow = stuck;
    longestInHand = Duration.ofNanos(longest);
    if (stuck > 0) {
      report(nowNanos);
    }
    return dueNanos;
  }

  private void report(long nowNanos) {
    for (LaneState<T> lane : member.lanes().active()) {
      for (HeldDelivery<T> delivery : lane.window.openMessages()) {
        long age = nowNanos - delivery.handedNanos;
        if (delivery.state() == HeldDelivery.OUT && !delivery.reportedStuck && age >= ageNanos) {
          delivery.reportedStuck = true;
          member.told().stuck(delivery, Duration.ofNanos(age));
        }
      }
    }
  }
}
