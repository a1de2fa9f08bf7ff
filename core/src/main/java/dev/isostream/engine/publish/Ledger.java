package dev.isostream.engine.publish;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All sends that are not decided yet, in the order of the calls.
 *
 * <p>A list of blocks with three users. Callers append at the tail, without a lock. One drainer at
 * a time takes from the middle. Whoever decides one counts it in its block; what needs the
 * undecided ones (a flush, the timer, a close) walks over the blocks that have any, under the lock.
 */
final class Ledger {

  /** After so many blocks that were decided behind one that hangs, they are left out. */
  private static final int SWEEP_AFTER = 64;

  private static final VarHandle TAIL;

  static {
    try {
      TAIL = MethodHandles.lookup().findVarHandle(Ledger.class, "tail", LedgerBlock.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile LedgerBlock tail;

  /** Where the drainer is; written by it only. */
  private volatile LedgerBlock cursor;

  private final ReentrantLock lock = new ReentrantLock();

  /** Everything before it is decided. Guarded by the lock. */
  private LedgerBlock head;

  /** Blocks that were decided since the last sweep. Guarded by the lock. */
  private int unswept;

  /** Guarded by the lock; in the order of their marks. */
  private final ArrayDeque<Flush> flushes = new ArrayDeque<>();

  /** The block in which the first flush ends; null where none waits. */
  private volatile @Nullable LedgerBlock awaited;

  /** Decided by the engine, and still with a sink. */
  private final Set<PendingSend> abandoned = ConcurrentHashMap.newKeySet();

  Ledger() {
    LedgerBlock first = new LedgerBlock(0);
    this.tail = first;
    this.cursor = first;
    this.head = first;
  }

  /**
   * Appends one; from any thread. The drainer sees it at the latest behind a full fence of this
   * thread.
   */
  void append(PendingSend send) {
    LedgerBlock block = tail;
    while (!block.append(send)) {
      LedgerBlock following = block.following();
      TAIL.compareAndSet(this, block, following);
      block = following;
    }
  }

  // ---- for the drainer

  /** Whether there is one to take; from any thread. */
  boolean hasNext() {
    for (LedgerBlock block = cursor; block != null; block = block.next()) {
      if (!block.isTaken()) {
        return block.hasNext();
      }
    }
    return false;
  }

  /** Takes the next one; null where there is none yet. */
  @Nullable PendingSend take() {
    LedgerBlock block = cursor;
    while (block.isTaken()) {
      LedgerBlock following = block.next();
      if (following == null) {
        return null;
      }
      block = following;
      cursor = block;
    }
    return block.take();
  }

  // ---- deciding

  /**
   * Takes note that one was decided, and that its future says so; from any thread, once for each.
   *
   * @param wasTaken whether the drainer took it before
   */
  void decided(PendingSend send, boolean wasTaken) {
    LedgerBlock block = send.leave();
    boolean last = block.decided(send.place(), wasTaken);
    if (last || block == awaited) {
      advance(last);
    }
  }

  /** The engine decided one that the sink still has. */
  void abandon(PendingSend send) {
    abandoned.add(send);
  }

  /** The sink is through with it. */
  void forget(PendingSend send) {
    abandoned.remove(send);
  }

  // ---- for flushes, the timer and close

  /** Completes when everything appended before is decided. */
  CompletableFuture<Void> flush() {
    Flush flush;
    List<Flush> over;
    lock.lock();
    try {
      LedgerBlock block = tail;
      flush = new Flush(block, block.claimed());
      flushes.add(flush);
      over = advanceLocked();
    } finally {
      lock.unlock();
    }
    complete(over);
    return flush.future;
  }

  /** The oldest undecided one, whose deadline is the first. */
  @Nullable PendingSend firstUndecided() {
    List<PendingSend> first = undecidedUntil(send -> true);
    return first.isEmpty() ? null : first.get(0);
  }

  /** Whether everything appended is decided. */
  boolean isEmpty() {
    lock.lock();
    try {
      for (LedgerBlock block = head; block != null; block = block.next()) {
        if (!block.isIdle()) {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The undecided ones from the oldest on, as long as they are of this kind. */
  List<PendingSend> undecidedWhile(Predicate<PendingSend> kind) {
    List<PendingSend> found = undecidedUntil(kind.negate());
    if (!found.isEmpty() && !kind.test(found.get(found.size() - 1))) {
      found.remove(found.size() - 1);
    }
    return found;
  }

  /** The undecided ones from the oldest on, with the first of this kind as the last. */
  private List<PendingSend> undecidedUntil(Predicate<PendingSend> kind) {
    List<PendingSend> found = new ArrayList<>();
    lock.lock();
    try {
      for (LedgerBlock block = head; block != null; block = block.next()) {
        int claimed = block.isDone() ? 0 : block.claimed();
        for (int place = 0; place < claimed; place++) {
          PendingSend send = block.undecided(place);
          if (send != null) {
            found.add(send);
            if (kind.test(send)) {
              return found;
            }
          }
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
    Consumer<PendingSend> add =
        send -> {
          if (send.isWithSink() && send.generation() == generation) {
            found.add(send);
          }
        };
    lock.lock();
    try {
      for (LedgerBlock block = head; block != null; block = block.next()) {
        for (int place = 0; place < block.claimed(); place++) {
          PendingSend send = block.at(place);
          if (send != null) {
            add.accept(send);
          }
        }
      }
    } finally {
      lock.unlock();
    }
    // One that is being abandoned is here before its place is cleared.
    Set.copyOf(abandoned).stream().filter(send -> !found.contains(send)).forEach(add);
    return found;
  }

  /** How many blocks it has; those that were all decided are gone, sooner or later. */
  int blocks() {
    lock.lock();
    try {
      int count = 0;
      for (LedgerBlock block = head; block != null; block = block.next()) {
        count++;
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  private void advance(boolean oneMore) {
    List<Flush> over;
    lock.lock();
    try {
      unswept += oneMore ? 1 : 0;
      over = advanceLocked();
    } finally {
      lock.unlock();
    }
    complete(over);
  }

  /** Leaves what is decided, and takes out the flushes that waited for no more than that. */
  private List<Flush> advanceLocked() {
    for (LedgerBlock next = head.next(); next != null && head.isDone(); next = head.next()) {
      head = next;
    }
    if (unswept >= SWEEP_AFTER) {
      unswept = 0;
      for (LedgerBlock block = head; block != null; block = block.next()) {
        block.skipDone();
      }
    }
    List<Flush> over = List.of();
    for (Flush first = flushes.peek(); first != null; first = flushes.peek()) {
      awaited = first.block; // before its sends are looked at: who decides one looks here after
      if (!first.isOver(head)) {
        return over;
      }
      over = over.isEmpty() ? new ArrayList<>() : over;
      over.add(flushes.remove());
    }
    awaited = null;
    return over;
  }

  private static void complete(List<Flush> over) {
    for (Flush flush : over) {
      flush.future.complete(null);
    }
  }

  /** A flush that waits for all up to its mark. Guarded by the lock. */
  private static final class Flush {
    final LedgerBlock block;
    final CompletableFuture<Void> future = new CompletableFuture<>();
    private final int places;
    private int over;

    Flush(LedgerBlock block, int places) {
      this.block = block;
      this.places = places;
    }

    /** Whether everything before its mark is decided, while everything before the head is. */
    boolean isOver(LedgerBlock head) {
      if (head.number != block.number) {
        return head.number > block.number;
      }
      while (over < places && block.isDecided(over)) {
        over++;
      }
      return over == places;
    }
  }
}
