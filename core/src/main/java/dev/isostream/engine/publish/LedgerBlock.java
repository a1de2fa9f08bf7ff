package dev.isostream.engine.publish;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a {@link Ledger}: sends in the order of the calls. What is counted here need not be
 * looked at: a send is a cache line that another core wrote last.
 *
 * <p>Thread-safe: callers claim places, one drainer takes them in turn, anybody decides.
 */
final class LedgerBlock {

  static final int SIZE = 256;

  private static final VarHandle PLACES = MethodHandles.arrayElementVarHandle(PendingSend[].class);
  private static final VarHandle NEXT;
  private static final VarHandle CLAIMED;
  private static final VarHandle DECIDED;
  private static final VarHandle TAKEN;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      NEXT = lookup.findVarHandle(LedgerBlock.class, "next", LedgerBlock.class);
      CLAIMED = lookup.findVarHandle(LedgerBlock.class, "claimed", int.class);
      DECIDED = lookup.findVarHandle(LedgerBlock.class, "decided", int.class);
      TAKEN = lookup.findVarHandle(LedgerBlock.class, "taken", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Counts the blocks. */
  final long number;

  /** What was appended and is not decided, or not taken; null once all is decided. */
  private volatile @Nullable PendingSend @Nullable [] places = new PendingSend[SIZE];

  private volatile @Nullable LedgerBlock next;

  /** How many places were asked for; more than there are once it is full. */
  private volatile int claimed;

  private volatile int decided;

  /** How many the drainer took; written by it only. */
  private volatile int taken;

  LedgerBlock(long number) {
    this.number = number;
  }

  @Nullable LedgerBlock next() {
    return next;
  }

  /** The one behind this one, made where there is none yet. */
  LedgerBlock following() {
    LedgerBlock known = next;
    if (known == null) {
      LedgerBlock fresh = new LedgerBlock(number + 1);
      known = (LedgerBlock) NEXT.compareAndExchange(this, null, fresh);
      return known == null ? fresh : known;
    }
    return known;
  }

  /** Leaves out those behind this one that have nothing undecided. */
  void skipDone() {
    LedgerBlock known = next;
    LedgerBlock kept = known;
    while (kept != null && kept.isDone() && kept.next != null) {
      kept = kept.next;
    }
    if (kept != known) { // else another may be putting the first one there just now
      next = kept;
    }
  }

  // ---- callers

  /** Appends one; false where this block is full. */
  boolean append(PendingSend send) {
    int place = (int) CLAIMED.getAndAdd(this, 1);
    if (place >= SIZE) {
      return false;
    }
    send.entered(this, place);
    @Nullable PendingSend[] all = places;
    if (all == null) {
      throw new IllegalStateException("decided before it was appended");
    }
    PLACES.setRelease(all, place, send);
    return true;
  }

  // ---- the drainer

  /** Whether all of it was taken, or need not be. */
  boolean isTaken() {
    return taken == SIZE || places == null;
  }

  /** Whether there is one to take. */
  boolean hasNext() {
    @Nullable PendingSend[] all = places;
    int at = taken;
    return all != null && at < SIZE && PLACES.getAcquire(all, at) != null;
  }

  /** Takes the next one; null where there is none yet. */
  @Nullable PendingSend take() {
    @Nullable PendingSend[] all = places;
    int at = taken;
    if (all == null || at == SIZE) {
      return null;
    }
    PendingSend send = (PendingSend) PLACES.getAcquire(all, at);
    if (send != null) {
      TAKEN.setRelease(this, at + 1);
    }
    return send;
  }

  // ---- deciding

  /**
   * Counts one as decided.
   *
   * @param wasTaken whether the drainer is through with it, so that its place can be cleared
   * @return whether it was the last one
   */
  boolean decided(int place, boolean wasTaken) {
    @Nullable PendingSend[] all = places;
    if (wasTaken && all != null) {
      PLACES.setRelease(all, place, null);
    }
    if ((int) DECIDED.getAndAdd(this, 1) < SIZE - 1) {
      return false;
    }
    places = null;
    return true;
  }

  /** Whether it is full and all of it is decided. */
  boolean isDone() {
    return decided == SIZE;
  }

  /** Whether nothing of it is undecided, as it is. */
  boolean isIdle() {
    // What is decided was claimed, so it is read first.
    int over = decided;
    return over == claimed();
  }

  /** How many places were given out. */
  int claimed() {
    return Math.min(claimed, SIZE);
  }

  /**
   * The undecided one at a place.
   *
   * @return null where it is decided, or was not appended yet
   */
  @Nullable PendingSend undecided(int place) {
    PendingSend send = at(place);
    return send == null || send.isDecided() ? null : send;
  }

  /** Whether the one at a place, which was claimed, is decided. */
  boolean isDecided(int place) {
    // Its place is cleared only after it was taken; so what was not taken is read after that.
    PendingSend send = at(place);
    return send == null ? isDone() || (place < taken && at(place) == null) : send.isDecided();
  }

  /** What stands at a place, decided or not; null where nothing does, or not any more. */
  @Nullable PendingSend at(int place) {
    @Nullable PendingSend[] all = places;
    return all == null ? null : (PendingSend) PLACES.getAcquire(all, place);
  }
}
