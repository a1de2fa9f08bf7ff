package dev.isostream.engine.publish;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All sends that are not decided yet, in the order of the calls; and, for a while, some that are.
 *
 * <p>One linked list with three users. Callers append at the tail, without a lock. One drainer at a
 * time takes from the middle. Whoever needs the undecided ones (a flush, the timer, a close) walks
 * from the head, under the lock, and unlinks what is done with; the drainer does so now and then,
 * so that the list stays about as long as what is in flight.
 */
final class Ledger {

  private static final int SLACK = 4096;
  private static final VarHandle TAIL;
  private static final VarHandle CURSOR;

  static {
    try {
      TAIL = MethodHandles.lookup().findVarHandle(Ledger.class, "tail", PendingSend.class);
      CURSOR = MethodHandles.lookup().findVarHandle(Ledger.class, "cursor", PendingSend.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile PendingSend tail;

  /** The last one that the drainer took; written by it only. */
  private volatile PendingSend cursor;

  /** How many the drainer took; its own. */
  private long taken;

  private final ReentrantLock lock = new ReentrantLock();

  /** The head of the list. Everything before it is gone. Guarded by the lock. */
  private PendingSend oldest;

  /** Everything before it is decided. Guarded by the lock. */
  private PendingSend scanned;

  /** How many were unlinked. Guarded by the lock. */
  private long unlinked;

  /** Guarded by the lock; in the order of their marks. */
  private final ArrayDeque<Flush> flushes = new ArrayDeque<>();

  /** Whether there is any flush; read without the lock at each decision. */
  private volatile boolean flushing;

  Ledger(PendingSend stub) {
    this.tail = stub;
    this.cursor = stub;
    this.oldest = stub;
    this.scanned = stub;
  }

  /**
   * Appends one; from any thread. The drainer sees it at the latest behind a full fence of this
   * thread.
   */
  void append(PendingSend send) {
    PendingSend previous = (PendingSend) TAIL.getAndSet(this, send);
    previous.link(send);
  }

  // ---- for the drainer

  /** Whether there is one to take; from any thread. */
  boolean hasNext() {
    return cursor.next != null;
  }

  /** Takes the next one; null where there is none yet. */
  @Nullable PendingSend take() {
    PendingSend following = cursor.next;
    if (following != null) {
      CURSOR.setRelease(this, following);
      taken++;
    }
    return following;
  }

  /** Unlinks what is done with, unless somebody else is at it. */
  void tidy(long inFlight) {
    if (!lock.tryLock()) {
      return;
    }
    List<Flush> over;
    try {
      over = advance();
      if (taken - unlinked > 2 * inFlight + SLACK) {
        sweep();
      }
    } finally {
      lock.unlock();
    }
    complete(over);
  }

  // ---- for flushes, the timer and close

  /** Completes when everything appended before is decided. */
  CompletableFuture<Void> flush() {
    Flush flush;
    List<Flush> over;
    lock.lock();
    try {
      flush = new Flush(tail, new CompletableFuture<>());
      flushes.add(flush);
      flushing = true;
      over = advance();
    } finally {
      lock.unlock();
    }
    complete(over);
    return flush.future;
  }

  /** Tells that one was decided; from any thread. */
  void decided() {
    if (flushing) {
      List<Flush> over;
      lock.lock();
      try {
        over = advance();
      } finally {
        lock.unlock();
      }
      complete(over);
    }
  }

  /** The oldest undecided one, whose deadline is the first. */
  @Nullable PendingSend firstUndecided() {
    List<Flush> over;
    PendingSend first;
    lock.lock();
    try {
      over = advance();
      first = scanned.isDecided() ? null : scanned;
    } finally {
      lock.unlock();
    }
    complete(over);
    return first;
  }

  /** Whether everything appended is decided. */
  boolean isEmpty() {
    return firstUndecided() == null && isAtTail();
  }

  private boolean isAtTail() {
    lock.lock();
    try {
      return scanned == tail;
    } finally {
      lock.unlock();
    }
  }

  /** The undecided ones from the oldest on, as long as they are of this kind. */
  List<PendingSend> undecidedWhile(Predicate<PendingSend> kind) {
    List<PendingSend> found = new ArrayList<>();
    lock.lock();
    try {
      for (PendingSend send = scanned; send != null; send = send.next) {
        if (!send.isDecided()) {
          if (!kind.test(send)) {
            break;
          }
          found.add(send);
        }
      }
    } finally {
      lock.unlock();
    }
    return found;
  }

  /** Those that a sink has, decided or not. */
  List<PendingSend> with(int generation) {
    List<PendingSend> found = new ArrayList<>();
    lock.lock();
    try {
      for (PendingSend send = oldest; send != null; send = send.next) {
        int state = send.state();
        if ((state == PendingSend.HANDED || state == PendingSend.ABANDONED)
            && send.generation() == generation) {
          found.add(send);
        }
      }
    } finally {
      lock.unlock();
    }
    return found;
  }

  /** Walks over what is decided by now, and unlinks the part of it that is done with. */
  private List<Flush> advance() {
    List<Flush> over = List.of();
    while (scanned.isDecided()) {
      while (!flushes.isEmpty() && flushes.element().mark == scanned) {
        over = over.isEmpty() ? new ArrayList<>() : over;
        over.add(flushes.remove());
      }
      PendingSend following = scanned.next;
      if (following == null) {
        break;
      }
      scanned = following;
    }
    flushing = !flushes.isEmpty();
    trim();
    return over;
  }

  /**
   * Unlinks the head as far as it is done with. Its link is cut, or one that the collector has
   * tenured would keep all later ones alive.
   */
  private void trim() {
    PendingSend end = cursor;
    while (oldest != end && oldest != scanned && oldest.state() == PendingSend.DONE) {
      PendingSend following = oldest.next;
      if (following == null) {
        return;
      }
      oldest.next = null;
      oldest = following;
      unlinked++;
    }
  }

  /** Unlinks what is done with behind a head that is not: one partition may hang, others not. */
  private void sweep() {
    PendingSend end = cursor;
    PendingSend previous = oldest;
    while (previous != end) {
      PendingSend send = previous.next;
      if (send == null || send == end) {
        return;
      }
      if (send.state() == PendingSend.DONE
          && send.isDecided()
          && send != scanned
          && !isMark(send)) {
        previous.next = send.next;
        send.next = null;
        unlinked++;
      } else {
        previous = send;
      }
    }
  }

  private boolean isMark(PendingSend send) {
    for (Flush flush : flushes) {
      if (flush.mark == send) {
        return true;
      }
    }
    return false;
  }

  private static void complete(List<Flush> over) {
    for (Flush flush : over) {
      flush.future.complete(null);
    }
  }

  /** A flush that waits for all up to its mark. */
  private record Flush(PendingSend mark, CompletableFuture<Void> future) {}
}
