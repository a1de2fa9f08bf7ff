package dev.isostream.engine.consume;

import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says what happens, to the log and to listeners, whose own failures harm nothing. Payloads, keys
 * and header values are never said. Confined to the loop.
 */
final class Told {

  private static final int LOGGED_REASON = 1000;
  private static final Logger LOG = System.getLogger("dev.isostream.member");

  private final String who;
  private final List<MemberListener> listeners;
  private final Figures<?> figures;
  private final Outage deadLetters;

  Told(
      String who,
      List<MemberListener> first,
      List<MemberListener> more,
      Figures<?> figures,
      Outage deadLetters) {
    this.who = who;
    this.deadLetters = deadLetters;
    this.figures = figures;
    this.listeners = new ArrayList<>(first);
    this.listeners.addAll(more);
  }

  void assigned(Set<String> partitions) {
    LOG.log(Level.DEBUG, "{0}: assigned {1}", who, partitions);
    each(l -> l.assigned(partitions));
  }

  void revoked(Set<String> partitions) {
    LOG.log(Level.DEBUG, "{0}: revoked {1}", who, partitions);
    each(l -> l.revoked(partitions));
  }

  void lost(Set<String> partitions) {
    LOG.log(
        Level.WARNING,
        "{0}: lost {1}; what is held of them comes again elsewhere",
        who,
        partitions);
    each(l -> l.lost(partitions));
  }

  void attemptFailed(MessageInfo message, int attempt, @Nullable Throwable cause) {
    figures.failedAttempts++;
    LOG.log(
        Level.WARNING,
        () -> who + ": attempt " + attempt + " at " + message.position() + " failed",
        cause);
    each(l -> l.attemptFailed(message, attempt, cause));
  }

  void deadLettered(MessageInfo message, int attempts, String reason) {
    figures.deadLettered++;
    works(deadLetters, "dead-lettering", Duration.ZERO);
    LOG.log(
        Level.WARNING,
        "{0}: {1} went to the dead-letter topic after {2} attempts: {3}",
        who,
        message.position(),
        attempts,
        forLog(reason));
    each(l -> l.deadLettered(message, attempts, reason));
  }

  void discarded(MessageInfo message, int attempts, String reason) {
    figures.discarded++;
    LOG.log(
        Level.WARNING,
        "{0}: {1} was discarded after {2} attempts: {3}",
        who,
        message.position(),
        attempts,
        forLog(reason));
    each(l -> l.discarded(message, attempts, reason));
  }

  /** What a handler threw may be as long as its message. */
  private static String forLog(String reason) {
    return reason.length() <= LOGGED_REASON
        ? reason
        : reason.substring(0, LOGGED_REASON) + "… (" + reason.length() + " characters)";
  }

  void deadLetterFailed(MessageInfo message, Throwable cause) {
    figures.deadLettersFailed++;
    int count = deadLetters.failed(Errors.unwrap(cause));
    if (count > 0) {
      LOG.log(
          Level.WARNING,
          () ->
              who
                  + ": "
                  + message.position()
                  + " can't be dead-lettered yet; it is tried again"
                  + Outage.times(count),
          cause);
      each(l -> l.deadLetterFailed(message, cause));
    }
  }

  void stuck(MessageInfo message, Duration age) {
    figures.stuckReported++;
    LOG.log(Level.WARNING, "{0}: {1} has been unsettled for {2}", who, message.position(), age);
    each(l -> l.stuck(message, age));
  }

  void gap(String partition, Position expected, @Nullable Position continuedAt) {
    LOG.log(
        Level.WARNING,
        "{0}: messages of partition {1} from {2} on were removed before they were read; going on at"
            + " {3}",
        who,
        partition,
        expected,
        continuedAt == null ? "the earliest left" : continuedAt);
    each(l -> l.gap(partition, expected, continuedAt));
  }

  void windowFull(String partition, int open) {
    LOG.log(
        Level.WARNING,
        "{0}: partition {1} waits: its open window is full with {2} messages behind one not settled",
        who,
        partition,
        open);
    each(l -> l.windowFull(partition, open));
  }

  void partitionsChanged(Set<String> before, Set<String> after) {
    LOG.log(Level.WARNING, "{0}: partitions changed from {1} to {2}", who, before, after);
    each(l -> l.partitionsChanged(before, after));
  }

  /** Something failed and is tried again; said now and then only, until it works. */
  void retried(Outage outage, MessagingException cause) {
    int count = outage.failed(cause);
    if (count > 0) {
      LOG.log(Level.WARNING, () -> who + ": " + cause.getMessage() + Outage.times(count));
      each(l -> l.failed(cause));
    }
  }

  /** What was tried again works. */
  void works(Outage outage, String what, Duration calm) {
    int count = outage.worked(calm);
    if (count > 0) {
      LOG.log(
          Level.INFO,
          "{0}: {1} works again, after {2} failures in {3}",
          who,
          what,
          count,
          outage.length());
    }
  }

  void failed(MessagingException cause) {
    LOG.log(Level.WARNING, () -> who + ": " + cause.getMessage());
    each(l -> l.failed(cause));
  }

  private void each(Consumer<MemberListener> call) {
    if (!listeners.isEmpty()) {
      figures.publish();
    }
    for (MemberListener listener : listeners) {
      try {
        call.accept(listener);
      } catch (Throwable e) { // also errors: the member's thread must not die of them
        LOG.log(Level.WARNING, () -> who + ": a listener failed", e);
      }
    }
  }
}
