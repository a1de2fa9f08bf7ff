package dev.isostream.memory;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes one waiting thread. A ring stays until it is hushed, so the waiter hushes first, then looks
 * at what there is, then waits: nothing that happens meanwhile is missed. Thread-safe.
 */
final class Doorbell {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rang = lock.newCondition();
  private volatile boolean ringing;

  /** Cheap while it rings already. */
  void ring() {
    if (ringing) {
      return;
    }
    lock.lock();
    try {
      ringing = true;
      rang.signal();
    } finally {
      lock.unlock();
    }
  }

  void hush() {
    ringing = false;
  }

  /**
   * Waits until it rings.
   *
   * @return the nanoseconds that are left, 0 or less where none are
   */
  long await(long nanos) {
    long left = nanos;
    lock.lock();
    try {
      while (!ringing && left > 0) {
        left = rang.awaitNanos(left);
      }
      return left;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } finally {
      lock.unlock();
    }
  }
}
