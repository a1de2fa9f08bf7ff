package dev.isostream.engine.consume;

import dev.isostream.engine.consume.LaneState.Phase;
import java.util.List;

/**
 * Bounds what is fetched and not settled (contract F1): pauses lanes at the source, and resumes
 * them with some slack. Confined to the loop.
 *
 * <p>What is held at most, in messages as in bytes: a member that is just not full is told one poll
 * more, which makes less than {@code max + poll}. A full one goes on with lanes below their fair
 * share, each of which comes to less than {@code share + poll}. The share is that of the lanes
 * there are then: of {@code n} lanes that came one by one, the k-th found {@code k} of them. So the
 * bound is {@code max + max/2 + … + max/n + n * poll}, where one lane holds all of {@code max} and
 * does not go on.
 */
final class FlowControl<T> {

  private static final long NEVER = Long.MAX_VALUE;

  /** Paused at the bound, resumed well below it, so that it does not go on and off. */
  private static final double SLACK = 0.75;

  private static final long ALL_STOP_NANOS = 50_000_000L;

  private final MemberLoop<T> member;
  private final int maxMessages;
  private final long maxBytes;
  private final int laneMax;
  private int openMessages;
  private long openBytes;
  private boolean anyPaused;
  private long fullSinceNanos = NEVER;

  FlowControl(MemberLoop<T> member, int openWindow) {
    this.member = member;
    this.maxMessages = member.settings().maxInFlightMessages();
    this.maxBytes = member.settings().maxInFlightBytes();
    this.laneMax = Math.min(openWindow, maxMessages);
  }

  void opened(HeldDelivery<T> delivery) {
    openMessages++;
    member.figures().fetched++;
    openBytes += delivery.bytes;
    delivery.lane.openBytes += delivery.bytes;
  }

  void closed(HeldDelivery<T> delivery) {
    openMessages--;
    openBytes -= delivery.bytes;
  }

  void gone(LaneState<T> lane) {
    openMessages -= lane.window.open();
    openBytes -= lane.openBytes;
    lane.openBytes = 0;
  }

  int openMessages() {
    return openMessages;
  }

  long openBytes() {
    return openBytes;
  }

  boolean isAnyPaused() {
    return anyPaused;
  }

  /**
   * Pauses lanes that hold too much, resumes those that don't any more.
   *
   * @return when to look again, in nanoseconds
   */
  long balance(long nowNanos) {
    boolean full = isMemberFull(fullSinceNanos == NEVER ? 1.0 : SLACK);
    if (!full) {
      fullSinceNanos = NEVER;
    } else if (fullSinceNanos == NEVER) {
      fullSinceNanos = nowNanos;
    }
    if (!anyPaused && !full && openMessages < laneMax) {
      return NEVER;
    }
    boolean soon = full && nowNanos - fullSinceNanos < ALL_STOP_NANOS;
    anyPaused = false;
    List<LaneState<T>> lanes = member.lanes().active();
    for (int i = 0; i < lanes.size(); i++) {
      LaneState<T> lane = lanes.get(i);
      if (lane.phase == Phase.ACTIVE) {
        balance(lane, full, soon, lanes.size());
        anyPaused |= lane.paused;
      }
    }
    return soon ? fullSinceNanos + ALL_STOP_NANOS : NEVER;
  }

  private boolean isMemberFull(double slack) {
    return openMessages >= maxMessages * slack || openBytes >= maxBytes * slack;
  }

  /**
   * A lane may fill its own window. A full member fetches nothing at first: most often it has room
   * again in a moment, and lanes that are stopped together go on together, each with what its
   * client has at hand. Where that lasts, only lanes below their fair share go on, so that one that
   * is blocked does not stop the others.
   */
  private void balance(LaneState<T> lane, boolean full, boolean soon, int lanes) {
    double slack = lane.paused ? SLACK : 1.0;
    boolean pause =
        lane.window.open() >= laneMax * slack
            || (full && (soon || isOverShare(lane, lanes, slack)));
    if (pause != lane.paused) {
      lane.paused = pause;
      if (pause) {
        member.source().pause(lane.lane);
      } else {
        member.source().resume(lane.lane);
      }
    }
  }

  private boolean isOverShare(LaneState<T> lane, int lanes, double slack) {
    return lane.window.open() >= Math.max(1, maxMessages / lanes) * slack
        || lane.openBytes >= Math.max(1, maxBytes / lanes) * slack;
  }
}
