package dev.isostream.engine.consume;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Runs on their way to workers: one producer (the loop), many takers, bounded, without a lock. The
 * loop may take too, to get runs back.
 */
final class RunQueue<T> {

  private final AtomicReferenceArray<@Nullable HeldDelivery<T>> slots;
  private final int mask;
  private final AtomicLong taken = new AtomicLong();
  private volatile long offered;

  /**
   * Makes an empty queue.
   *
   * @param capacity a power of two
   */
  RunQueue(int capacity) {
    this.slots = new AtomicReferenceArray<>(capacity);
    this.mask = capacity - 1;
  }

  /** Offers a run's first delivery; only the loop calls this, having seen that there is room. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void offer(HeldDelivery<T> first) {
    slots.setRelease((int) offered & mask, first);
    offered = offered + 1;
  }

  /** Takes the oldest run; null where there is none. */
  @Nullable HeldDelivery<T> poll() {
    while (true) {
      long at = taken.get();
      if (at >= offered) {
        return null;
      }
      HeldDelivery<T> first = slots.getAcquire((int) at & mask);
      // A slot is written again only after it was taken and a whole round was offered; whoever read
      // an old or a new value then loses this race.
      if (taken.compareAndSet(at, at + 1)) {
        return first;
      }
    }
  }

  int size() {
    return (int) (offered - taken.get());
  }

  int capacity() {
    return mask + 1;
  }
}
