package dev.isostream.engine.consume;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one lane that could be handed out now, the earliest stored first (contract O5),
 * which also keeps the watermark moving: whoever waits longest holds it back. What comes in order
 * costs no sorting; only what became ready late does. Confined to the loop.
 */
final class ReadyLine<T> {

  private final ArrayDeque<HeldDelivery<T>> inOrder = new ArrayDeque<>();
  private final PriorityQueue<HeldDelivery<T>> late =
      new PriorityQueue<>(Comparator.comparingLong((HeldDelivery<T> d) -> d.sequence));

  void add(HeldDelivery<T> delivery) {
    HeldDelivery<T> last = inOrder.peekLast();
    if (last == null || last.sequence < delivery.sequence) {
      inOrder.addLast(delivery);
    } else {
      late.add(delivery);
    }
  }

  /** The earliest; those that are no longer ready are dropped on the way. */
  @Nullable HeldDelivery<T> peek() {
    dropStale();
    HeldDelivery<T> first = inOrder.peekFirst();
    HeldDelivery<T> other = late.peek();
    if (first == null) {
      return other;
    }
    return other == null || first.sequence < other.sequence ? first : other;
  }

  /** Takes the earliest. */
  @Nullable HeldDelivery<T> poll() {
    HeldDelivery<T> next = peek();
    if (next == null) {
      return null;
    }
    if (next == inOrder.peekFirst()) {
      inOrder.pollFirst();
    } else {
      late.poll();
    }
    return next;
  }

  private void dropStale() {
    HeldDelivery<T> at;
    while ((at = inOrder.peekFirst()) != null && !mayGo(at)) {
      inOrder.pollFirst();
    }
    while ((at = late.peek()) != null && !mayGo(at)) {
      late.poll();
    }
  }

  /** What is dropped here comes again when its turn does. */
  private static boolean mayGo(HeldDelivery<?> delivery) {
    return delivery.isReady() && delivery.isInTurn();
  }

  void clear() {
    inOrder.clear();
    late.clear();
  }
}
