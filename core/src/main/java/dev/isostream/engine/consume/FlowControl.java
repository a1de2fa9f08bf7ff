package dev.isostream.engine.consume;

import dev.isostream.engine.consume.LaneState.Phase;

/**
 * Bounds what is fetched and not settled (contract F1): pauses lanes at the source, and resumes
 * them with some slack. Confined to the loop.
 */
final class FlowControl<T> {

  private final MemberLoop<T> member;
  private final int maxMessages;
  private final long maxBytes;
  private final int laneMax;
  private int openMessages;
  private long openBytes;
  private boolean anyPaused;

  FlowControl(MemberLoop<T> member, int openWindow) {
    this.member = member;
    this.maxMessages = member.settings().maxInFlightMessages();
    this.maxBytes = member.settings().maxInFlightBytes();
    this.laneMax = Math.min(openWindow, maxMessages);
  }

  void opened(HeldDelivery<T> delivery) {
    int bytes = delivery.source().sizeBytes();
    openMessages++;
    openBytes += bytes;
    delivery.lane.openBytes += bytes;
  }

  void closed(HeldDelivery<T> delivery) {
    openMessages--;
    openBytes -= delivery.source().sizeBytes();
  }

  void gone(LaneState<T> lane) {
    openMessages -= lane.window.open();
    openBytes -= lane.openBytes;
    lane.openBytes = 0;
  }

  int openMessages() {
    return openMessages;
  }

  boolean isAnyPaused() {
    return anyPaused;
  }

  /** Pauses lanes that hold too much, resumes those that don't any more. */
  void balance() {
    if (!anyPaused
        && openMessages < maxMessages
        && openBytes < maxBytes
        && openMessages < laneMax) {
      return;
    }
    anyPaused = false;
    int lanes = Math.max(1, member.lanes().active().size());
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.phase == Phase.ACTIVE) {
        balance(lane, lanes);
        anyPaused |= lane.paused;
      }
    }
  }

  private void balance(LaneState<T> lane, int lanes) {
    boolean full = isFull(lane, lanes, 1.0);
    if (full && !lane.paused) {
      lane.paused = true;
      member.source().pause(lane.lane);
    } else if (lane.paused && !full && !isFull(lane, lanes, 0.75)) {
      lane.paused = false;
      member.source().resume(lane.lane);
    }
  }

  /**
   * A lane may fill its own window; but once the member is full, only a lane below its fair share
   * goes on, so that one blocked lane does not stop the others.
   */
  private boolean isFull(LaneState<T> lane, int lanes, double slack) {
    boolean laneFull = lane.window.open() >= laneMax * slack;
    boolean memberFull = openMessages >= maxMessages * slack || openBytes >= maxBytes * slack;
    boolean overShare =
        lane.window.open() >= Math.max(1, maxMessages / lanes) * slack
            || lane.openBytes >= Math.max(1, maxBytes / lanes) * slack;
    return laneFull || (memberFull && overShare);
  }
}
