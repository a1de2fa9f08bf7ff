package dev.isostream.engine.consume;

import org.jspecify.annotations.Nullable;

/**
 * When the one message in hand is to be noted as alone. Confined to the loop.
 *
 * <p>The note keeps everything else of the process back, and whatever asks has it withdrawn, which
 * takes a commit. So each time it gave way it stays away for longer: else it would be back before
 * those that asked have gone in, and keep them out for as long as the message is in hand.
 */
final class LonelyWait<T> {

  /**
   * After so long a message in hand by itself is noted as alone, so that a death is blamed on it.
   */
  private static final long FIRST_NANOS = 10_000_000L;

  private static final long LONGEST_NANOS = 1_000_000_000L;

  private @Nullable HeldDelivery<T> gaveWay;
  private long againNanos;
  private long waitNanos;

  /** From when on this one, the only one in hand, may be noted as alone. */
  long due(HeldDelivery<T> only) {
    return only == gaveWay ? againNanos : only.handedNanos + FIRST_NANOS;
  }

  /** Its note makes way for something else. */
  void gaveWay(HeldDelivery<T> alone, long nowNanos) {
    waitNanos = alone == gaveWay ? Math.min(2 * waitNanos, LONGEST_NANOS) : FIRST_NANOS;
    gaveWay = alone;
    againNanos = nowNanos + waitNanos;
  }

  /** It is in hand no more. */
  void over(HeldDelivery<T> delivery) {
    if (delivery == gaveWay) {
      gaveWay = null;
    }
  }
}
