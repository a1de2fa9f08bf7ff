package dev.isostream.engine.consume;

import dev.isostream.Position;
import dev.isostream.engine.cursor.CursorWriter;
import dev.isostream.engine.cursor.Failures;
import dev.isostream.engine.cursor.Spot;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one lane from the watermark on, in the order in which they were read: open ones
 * held, settled ones behind an open one as just their place. Follows the messages received, never a
 * range of numbers, so that gaps (compaction, transactions, retention) need no case of their own.
 * Confined to the loop.
 */
final class Window<T> {

  /** Stands for a settled message of a dense lane, whose offset says the rest. */
  private static final Object SETTLED = new Object();

  private final boolean dense;
  private @Nullable Object[] slots = new Object[256];
  private long[] offsets = new long[256];
  private long first;
  private long next;
  private int open;

  /** Behind the last message that is anything but fetched: what is beyond need not be looked at. */
  private long touched;

  private @Nullable Position lastSettled;
  private long lastSettledOffset = -1;

  Window(boolean dense) {
    this.dense = dense;
  }

  /** Appends an open message; its sequence is the return value. */
  long add(HeldDelivery<T> delivery, SourceRecord message) {
    if (next - first == slots.length) {
      grow();
    }
    int index = index(next);
    slots[index] = delivery;
    if (dense) {
      offsets[index] = message.offset();
    }
    open++;
    return next++;
  }

  /** Something is to be said of this message in the cursor from here on. */
  void touch(HeldDelivery<T> delivery) {
    touched = Math.max(touched, delivery.sequence + 1);
  }

  /** Puts another attempt in an open message's slot. */
  void replace(long sequence, HeldDelivery<T> attempt) {
    slots[index(sequence)] = attempt;
  }

  /** Whether this attempt is the one held in its slot. */
  boolean holds(HeldDelivery<T> delivery) {
    long sequence = delivery.sequence;
    return sequence >= first && sequence < next && slots[index(sequence)] == delivery;
  }

  /** The open message of this sequence; null where it is settled. */
  @SuppressWarnings("unchecked")
  @Nullable HeldDelivery<T> get(long sequence) {
    Object slot = slots[index(sequence)];
    return slot instanceof HeldDelivery ? (HeldDelivery<T>) slot : null;
  }

  /** Settles an open message; says whether the settled prefix grew. */
  boolean settle(HeldDelivery<T> delivery) {
    touch(delivery);
    slots[index(delivery.sequence)] = dense ? SETTLED : delivery.source().position();
    open--;
    if (delivery.sequence != first) {
      return false;
    }
    while (first < next && !(slots[index(first)] instanceof HeldDelivery)) {
      if (slots[index(first)] instanceof Position position) {
        lastSettled = position;
      }
      lastSettledOffset = offsets[index(first)];
      slots[index(first)] = null;
      first++;
    }
    return true;
  }

  /**
   * Writes down what is settled behind the watermark, and which open messages failed before.
   *
   * @param withSettled whether the store does not know the settled ones by itself
   * @param withDelays whether waits go on elsewhere
   */
  void write(CursorWriter out, boolean withSettled, boolean withDelays, long nowNanos) {
    for (long at = first; at < touched; at++) {
      Object slot = slots[index(at)];
      if (slot instanceof HeldDelivery<?> delivery) {
        int failed = delivery.failures();
        if (failed > 0 || delivery.deadly) {
          // One on its way to the dead-letter topic waits for that, which nobody goes on with.
          boolean delayed = withDelays && delivery.waiting && !delivery.isOnItsWayOut();
          // never shorter than what is left (contract D4)
          long left = delayed ? Math.max(0, delivery.dueNanos - nowNanos) : 0;
          long delay = (left + 999_999) / 1_000_000;
          out.failures(
              Spot.of(delivery.source(), dense), new Failures(failed, delivery.deadly, delay));
        }
      } else if (withSettled && slot == SETTLED) {
        out.settled(offsets[index(at)]);
      } else if (withSettled && slot instanceof Position position) {
        out.settled(Spot.of(position));
      }
    }
  }

  /**
   * What this member's application has in hand, up to this one, in its partition; not what failed
   * and waits to come again.
   */
  List<HeldDelivery<T>> handedUpTo(HeldDelivery<T> last) {
    List<HeldDelivery<T>> all = new ArrayList<>();
    for (long at = first; at < next && at <= last.sequence; at++) {
      HeldDelivery<T> delivery = get(at);
      if (delivery != null
          && delivery.state() == HeldDelivery.OUT
          && delivery.source().partition().equals(last.source().partition())) {
        all.add(delivery);
      }
    }
    return all;
  }

  /** The open messages, in order. */
  List<HeldDelivery<T>> openMessages() {
    List<HeldDelivery<T>> all = new ArrayList<>(open);
    for (long at = first; at < next; at++) {
      HeldDelivery<T> delivery = get(at);
      if (delivery != null) {
        all.add(delivery);
      }
    }
    return all;
  }

  /** The first message that is on its way out or in hand; null where none is. */
  @Nullable HeldDelivery<T> firstOffered() {
    for (long at = first; at < touched; at++) {
      HeldDelivery<T> delivery = get(at);
      if (delivery != null && delivery.offered) {
        return delivery;
      }
    }
    return null;
  }

  /**
   * Collects the open messages that were handed out before this time, or failed before; says
   * whether those are all that are in hand.
   */
  boolean begun(long beforeNanos, List<Position> into) {
    boolean all = true;
    for (long at = first; at < touched; at++) {
      if (slots[index(at)] instanceof HeldDelivery<?> delivery) {
        boolean out = delivery.state() == HeldDelivery.OUT;
        if (delivery.failures() > 0 || (out && delivery.wasHandedOut(beforeNanos))) {
          into.add(delivery.position());
        } else {
          all &= !out;
        }
      }
    }
    return all;
  }

  /** Notes the open messages that are on their way out or in hand, and those under suspicion. */
  void writeNoted(CursorWriter out) {
    for (long at = first; at < touched; at++) {
      HeldDelivery<T> delivery = get(at);
      if (delivery != null && (delivery.offered || delivery.suspect)) {
        out.noted(Spot.of(delivery.source(), dense));
      }
    }
  }

  /**
   * The open messages to note, up to so many: those on their way out, in hand or under suspicion in
   * any case, then those that could go next, then those that follow them.
   */
  List<HeldDelivery<T>> nextToNote(int max) {
    List<HeldDelivery<T>> noted = new ArrayList<>();
    List<HeldDelivery<T>> inTurn = new ArrayList<>();
    List<HeldDelivery<T>> following = new ArrayList<>();
    for (long at = first; at < next; at++) {
      HeldDelivery<T> delivery = get(at);
      if (delivery == null) {
        continue;
      }
      if (delivery.offered || delivery.suspect) {
        noted.add(delivery);
      } else if (delivery.isReady()) {
        (delivery.isInTurn() ? inTurn : following).add(delivery);
      }
    }
    // One at least, so that the lane goes on however little room there is.
    int spare = Math.max(1, max - noted.size());
    inTurn.addAll(following);
    noted.addAll(inTurn.subList(0, Math.min(spare, inTurn.size())));
    return noted;
  }

  /**
   * In lanes that are not dense: the last message of the settled prefix; null where there is none.
   */
  @Nullable Position lastSettled() {
    return lastSettled;
  }

  /** In dense lanes: the offset of the last message of the settled prefix, once it has grown. */
  long lastSettledOffset() {
    return lastSettledOffset;
  }

  /** In dense lanes: the offset of the last message that was read; there must be one. */
  long lastOffset() {
    return offsets[index(next - 1)];
  }

  /** The sequence of the first message that is not settled. */
  long first() {
    return first;
  }

  /** The sequence that the next message will get. */
  long next() {
    return next;
  }

  /** How many messages are open. */
  int open() {
    return open;
  }

  boolean isEmpty() {
    return first == next;
  }

  private int index(long sequence) {
    return (int) sequence & (slots.length - 1);
  }

  private void grow() {
    @Nullable Object[] largerSlots = new Object[slots.length * 2];
    long[] largerOffsets = new long[slots.length * 2];
    for (long at = first; at < next; at++) {
      largerSlots[(int) at & (largerSlots.length - 1)] = slots[index(at)];
      largerOffsets[(int) at & (largerSlots.length - 1)] = offsets[index(at)];
    }
    slots = largerSlots;
    offsets = largerOffsets;
  }
}
