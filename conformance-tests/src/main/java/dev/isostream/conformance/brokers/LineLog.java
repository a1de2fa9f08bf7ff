package dev.isostream.conformance.brokers;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The lines that a child process printed, the latest ones kept, read in order by whoever waits for
 * one. Thread-safe.
 */
final class LineLog {
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<String> lines = new ArrayDeque<>();
  private final Deque<String> unread = new ArrayDeque<>();
  private boolean ended;
  private long lostUnread;

  LineLog(int capacity) {
    this.capacity = capacity;
  }

  void append(String line) {
    lock.lock();
    try {
      if (lines.size() == capacity) {
        lines.removeFirst();
      }
      lines.addLast(line);
      if (unread.size() == capacity) {
        unread.removeFirst();
        lostUnread++;
      }
      unread.addLast(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** No line will come after this. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next unread line that is wanted; those before it count as read.
   *
   * @return empty when the time is up or the output has ended without such a line
   * @throws IllegalStateException when lines were pushed out before they were read: the answer
   *     could be wrong
   */
  Optional<String> next(Predicate<String> wanted, Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        if (lostUnread > 0) {
          throw new IllegalStateException(
              lostUnread + " lines came that were never read; the limit is " + capacity);
        }
        while (!unread.isEmpty()) {
          String line = unread.removeFirst();
          if (wanted.test(line)) {
            return Optional.of(line);
          }
        }
        if (ended || left <= 0) {
          return Optional.empty();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the output has ended. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** The last lines, oldest first. */
  List<String> tail(int count) {
    lock.lock();
    try {
      List<String> all = new ArrayList<>(lines);
      return List.copyOf(all.subList(Math.max(0, all.size() - count), all.size()));
    } finally {
      lock.unlock();
    }
  }
}
