package dev.isostream.engine.consume;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Events for one loop, from any thread: a stack that the loop takes whole and turns round. Posting
 * is one compare-and-set; the loop is woken only when it sleeps, and only as easily as it asked
 * for.
 */
final class Mailbox {

  /** How easily the loop is woken. */
  enum Sleep {
    /** It is not asleep. */
    AWAKE,
    /** It waits in the source; only urgent mail is worth waking it for. */
    LIGHT,
    /**
     * It waits in the source, and mail would be welcome once those whom it feeds run short: urgent
     * mail wakes it, and {@link #hungry}.
     */
    FED,
    /** It waits in the source; any mail wakes it. */
    EAGER,
    /** It waits here; any mail wakes it. */
    PARKED
  }

  private static final VarHandle HEAD;
  private static final VarHandle SLEEP;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HEAD = lookup.findVarHandle(Mailbox.class, "head", Mail.class);
      SLEEP = lookup.findVarHandle(Mailbox.class, "sleep", Sleep.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Runnable wakeSource;
  private volatile @Nullable Mail head;
  private volatile Sleep sleep = Sleep.AWAKE;
  private volatile @Nullable Thread parked;

  /** Taken and not delivered yet: what one mail throws must not cost the others. The loop's. */
  private @Nullable Mail rest;

  /**
   * Makes an empty box.
   *
   * @param wakeSource ends the source's wait
   */
  Mailbox(Runnable wakeSource) {
    this.wakeSource = wakeSource;
  }

  /** Posts; wakes a loop that sleeps lightly only if {@code urgent}. */
  void post(Mail mail, boolean urgent) {
    Mail was;
    do {
      was = head;
      mail.nextMail(was);
    } while (!HEAD.compareAndSet(this, was, mail));
    Sleep now = sleep;
    if (now != Sleep.AWAKE && (urgent || (now != Sleep.LIGHT && now != Sleep.FED))) {
      wake();
    }
  }

  /** Those whom the loop feeds run short. */
  void hungry() {
    if (sleep == Sleep.FED) {
      wake();
    }
  }

  /** Posts code; always urgent. */
  void post(Runnable code) {
    post(new Task(code), true);
  }

  /** Wakes the loop if it sleeps. */
  void wake() {
    Sleep was = (Sleep) SLEEP.getAndSet(this, Sleep.AWAKE);
    if (was == Sleep.PARKED) {
      LockSupport.unpark(parked);
    } else if (was != Sleep.AWAKE) {
      wakeSource.run();
    }
  }

  /** Whether there is mail; on the loop. */
  boolean isEmpty() {
    return head == null && rest == null;
  }

  /**
   * Delivers all mail there is, in the order of posting; on the loop. What a mail throws comes out
   * of here; the mail behind it is delivered by the next call.
   */
  boolean deliverAll() {
    Mail taken = (Mail) HEAD.getAndSet(this, null);
    if (taken != null) {
      Mail inOrder = reversed(taken);
      if (rest == null) {
        rest = inOrder;
      } else {
        lastOf(rest).nextMail(inOrder);
      }
    }
    Mail next = rest;
    if (next == null) {
      return false;
    }
    while (next != null) {
      rest = next.nextMail();
      next.nextMail(null);
      next.deliver();
      next = rest;
    }
    return true;
  }

  private static @Nullable Mail reversed(Mail last) {
    Mail inOrder = null;
    Mail at = last;
    while (at != null) {
      Mail following = at.nextMail();
      at.nextMail(inOrder);
      inOrder = at;
      at = following;
    }
    return inOrder;
  }

  private static Mail lastOf(Mail first) {
    Mail last = first;
    for (Mail next = last.nextMail(); next != null; next = last.nextMail()) {
      last = next;
    }
    return last;
  }

  /**
   * Says that the loop goes to sleep in its source.
   *
   * @return false where there is mail, and it stays awake
   */
  boolean fallAsleep(Sleep how) {
    sleep = how;
    if (!isEmpty()) {
      sleep = Sleep.AWAKE;
      return false;
    }
    return true;
  }

  /** Says that the loop is awake again. */
  void awake() {
    sleep = Sleep.AWAKE;
  }

  /** Waits here, not in the source, for mail or so long. */
  void park(long nanos) {
    parked = Thread.currentThread();
    if (fallAsleep(Sleep.PARKED)) {
      LockSupport.parkNanos(this, nanos);
    }
    awake();
  }
}
