package dev.isostream.kafka;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets other threads end a wait of the owner, and nothing but a wait: a native wakeup that finds
 * its consumer not waiting would break the next call that does, for example a commit.
 *
 * <p>Thread-safe; the owner's methods are for the owner.
 */
final class Wakeups {

  private final Runnable wakeup;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();
  private volatile boolean pending;
  private boolean waiting;
  private boolean fired;

  Wakeups(Runnable wakeup) {
    this.wakeup = wakeup;
  }

  /** Ends the owner's wait, or its next one. */
  void wakeup() {
    if (pending) {
      return;
    }
    lock.lock();
    try {
      pending = true;
      asked.signal();
      fireIfWaiting();
    } finally {
      lock.unlock();
    }
  }

  private void fireIfWaiting() {
    if (waiting && !fired) {
      fired = true;
      wakeup.run();
    }
  }

  /**
   * The owner starts to wait.
   *
   * @return whether it should not, since it was asked before
   */
  boolean begin() {
    lock.lock();
    try {
      boolean asked = pending;
      pending = false;
      waiting = !asked;
      return asked;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The owner has waited.
   *
   * @return whether a native wakeup is left over
   */
  boolean end() {
    lock.lock();
    try {
      boolean left = fired;
      waiting = false;
      fired = false;
      pending = false;
      return left;
    } finally {
      lock.unlock();
    }
  }

  /** The owner does something else in the middle of its wait. */
  boolean suspend() {
    lock.lock();
    try {
      boolean was = waiting;
      waiting = false;
      return was;
    } finally {
      lock.unlock();
    }
  }

  /** A native wakeup was thrown. */
  void absorbed() {
    lock.lock();
    try {
      fired = false;
    } finally {
      lock.unlock();
    }
  }

  /** The owner goes on waiting. */
  void resume(boolean was) {
    lock.lock();
    try {
      waiting = was;
      if (pending) {
        fireIfWaiting();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits where there is no consumer to wait in. */
  void await(Duration limit) {
    lock.lock();
    try {
      long left = limit.toNanos();
      while (!pending && left > 0) {
        left = asked.awaitNanos(left);
      }
      pending = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
