package dev.isostream.engine.publish;

import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.Nanos;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timer behind "every send is decided" (contract P3): one for all sends, set to the deadline of
 * the oldest that is undecided. Thread-safe.
 */
final class Expiry {

  private static final VarHandle ARMED;

  static {
    try {
      ARMED = MethodHandles.lookup().findVarHandle(Expiry.class, "armed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Outbox outbox;

  /** How long before a deadline the sink is asked once more. */
  private final long warning;

  private volatile boolean armed;
  private volatile boolean closed;
  private volatile EngineRuntime.@Nullable Timer timer;

  Expiry(Outbox outbox) {
    this.outbox = outbox;
    this.warning = Nanos.of(SinkKeeper.margin(outbox.deliveryTimeout())) / 2;
  }

  /** Makes sure that there is a timer, after a send was appended. */
  void arm(long nanos) {
    if (!armed && ARMED.compareAndSet(this, false, true)) {
      set(nanos - warning);
    }
  }

  void close() {
    closed = true;
    EngineRuntime.Timer current = timer;
    if (current != null) {
      current.cancel();
    }
  }

  private void ring() {
    PendingSend first = outbox.ledger.firstUndecided();
    long left = first == null ? Long.MAX_VALUE : first.deadline() - outbox.runtime.nanoTime();
    if (left <= 0) {
      // Deciding runs what applications hung on their futures, so not on the timers' thread.
      outbox.start("expiry", this::expire);
    } else if (left <= warning) {
      // The sink's own time is over: it may know more than we do, if it is asked.
      outbox.start("expiry", outbox::hurry);
      set(left);
    } else {
      setAgain();
    }
  }

  private void expire() {
    outbox.expireDue();
    setAgain();
  }

  private void setAgain() {
    PendingSend first = outbox.ledger.firstUndecided();
    if (first == null) {
      armed = false;
      // One that was appended just before saw the timer as set.
      if (!outbox.ledger.isEmpty()) {
        arm(Nanos.of(outbox.deliveryTimeout()));
      }
      return;
    }
    long left = first.deadline() - outbox.runtime.nanoTime();
    set(left > warning ? left - warning : left);
  }

  private void set(long nanos) {
    if (!closed) {
      timer = outbox.runtime.schedule(Duration.ofNanos(Math.max(1, nanos)), this::ring);
    }
  }
}
