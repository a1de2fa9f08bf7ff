package dev.isostream;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a member of a group has counted since it joined, and what it holds now: a snapshot, to feed
 * a metrics library with. Counters only grow; the others are gauges.
 *
 * <p>All figures are of one moment: the member's last turn, which is taken whenever something
 * happens. A listener that asks finds counted what it is told of.
 *
 * <p>Threads: immutable.
 */
public interface MemberMetrics {

  /** Counter: messages fetched, also those fetched again after their share came back. */
  long fetched();

  /** Counter: deliveries handed out, or put in line for a handler; each attempt is one. */
  long handedOut();

  /** Counter: those of {@link #handedOut} that were not the first attempt at their message. */
  long redelivered();

  /**
   * Counter: deliveries that came back without having failed, or went away with their share
   * (contract D5).
   */
  long takenBack();

  /** Counter: messages settled by an ack, a handler's return, or the filter. */
  long acked();

  /** Counter: attempts that failed (contract D7). */
  long failedAttempts();

  /** Counter: messages settled by storing them in the dead-letter topic (contract D6). */
  long deadLettered();

  /** Counter: messages settled by {@link Exhausted#DISCARD}. */
  long discarded();

  /** Counter: messages settled, in whatever way. */
  default long settled() {
    return acked() + deadLettered() + discarded();
  }

  /** Counter: failures to store a dead letter; each is tried again (contract D6). */
  long deadLettersFailed();

  /** Counter: deliveries reported as stuck, also where they were settled since (contract D7). */
  long stuckReported();

  /** Gauge: deliveries in hand for longer than {@link MemberBuilder#stuckAfter} (contract D7). */
  int stuckNow();

  /** Gauge: how long the oldest delivery in hand has been there; at most a second behind. */
  Duration longestInHand();

  /** Gauge: deliveries in hand, or in line for a handler. */
  int inHand();

  /** Gauge: messages fetched and not settled, those in hand among them (contract F1). */
  int inFlightMessages();

  /** Gauge: their bytes. */
  long inFlightBytes();

  /** Counter: gaps reported (contract G9). */
  long gaps();

  /**
   * Counter: messages that were in those gaps; empty where it is unknown for one of them, since the
   * backend's positions don't tell. An upper bound where positions have holes of their own
   * (compacted topics, transactions of other clients).
   */
  OptionalLong messagesLost();

  /** Counter: failures to store the group's cursor; each is tried again, or ended the member. */
  long commitsFailed();

  /** Counter: failures to read; each is tried again, or ended the member. */
  long readsFailed();
}
