package dev.isostream.engine.consume;

import dev.isostream.MessagingException;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.spi.DriverException;
import java.time.Duration;

/** Waits in the source, or for its next try after it failed. Confined to the loop. */
final class SourcePoller<T> {

  private static final long BACKOFF_FIRST_NANOS = 20_000_000L;
  private static final long BACKOFF_MAX_NANOS = 1_000_000_000L;

  /** A source that is asked while the broker is away fails now and then, not each time. */
  private static final Duration CALM = Duration.ofSeconds(2);

  private final MemberLoop<T> member;
  private final Outage outage;
  private long againNanos = Long.MIN_VALUE;
  private long backoffNanos = BACKOFF_FIRST_NANOS;

  SourcePoller(MemberLoop<T> member) {
    this.member = member;
    this.outage = member.outage();
  }

  /** Lets the source tell what happened, waiting for it at most this long. */
  void poll(long now, long waitNanos) {
    Mailbox mailbox = member.mailbox();
    if (againNanos > now) {
      mailbox.park(Math.min(Math.max(waitNanos, 0), againNanos - now));
      return;
    }
    long wait = Math.max(0, waitNanos);
    if (member.dispatcher().offered() > 0) {
      // Settlements that wake nobody are looked at often enough to be stored in time.
      wait = Math.min(wait, Committer.INTERVAL_NANOS);
    }
    if (wait > 0) {
      Mailbox.Sleep how = sleepiness();
      // They may have run short just before it was said that they are fed.
      boolean asleep = mailbox.fallAsleep(how);
      if (!asleep || (how == Mailbox.Sleep.FED && member.outlet().isHungry())) {
        wait = 0;
      }
    }
    try {
      member.source().poll(Duration.ofNanos(wait), member.events());
      backoffNanos = BACKOFF_FIRST_NANOS;
      member.told().works(outage, "reading", CALM);
    } finally {
      mailbox.awake();
    }
  }

  /** Mail that only says "settled" is worth waking for when something waits for it. */
  private Mailbox.Sleep sleepiness() {
    boolean waitsForMail =
        member.flow().openMessages() > member.dispatcher().offered()
            || member.flow().isAnyPaused()
            || member.isHalted();
    if (!waitsForMail) {
      return Mailbox.Sleep.LIGHT;
    }
    return member.outlet().isHungry() ? Mailbox.Sleep.EAGER : Mailbox.Sleep.FED;
  }

  /** The source failed: tries again after a while, or ends the member where that is in vain. */
  void failed(DriverException e) {
    member.figures().readsFailed++;
    MessagingException shown =
        Errors.translate("reading for group \"" + member.settings().group() + "\"", e);
    if (!e.kind().isRetriable()) {
      member.fail(shown);
      return;
    }
    member.told().retried(outage, shown);
    againNanos = member.nanoTime() + backoffNanos;
    backoffNanos = Math.min(backoffNanos * 2, BACKOFF_MAX_NANOS);
  }
}
