package dev.isostream.conformance.history;

import dev.isostream.Position;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Something that happened. Immutable; {@code nanos} is of one monotonic clock per history. */
public sealed interface Event {

  /** When. */
  long nanos();

  /** A call of {@code send}; within one producer in the order of the calls. */
  record Sent(long nanos, String topic, String producer, String id, @Nullable String key)
      implements Event {}

  /** Its stage completed. */
  record SendConfirmed(long nanos, String topic, String id) implements Event {}

  /** Its stage failed. */
  record SendFailed(long nanos, String topic, String id, boolean maybeStored, String why)
      implements Event {}

  /**
   * A message was handed to a member.
   *
   * @param handing names this handing in this history
   * @param batch the same for all that one call handed out
   */
  record Handed(
      long nanos,
      String topic,
      String group,
      String member,
      long handing,
      long batch,
      String id,
      @Nullable String key,
      String partition,
      Position position,
      int attempt)
      implements Event {}

  /** The application asked to settle a handing. */
  record SettleRequested(long nanos, long handing, How how) implements Event {}

  /** The answer to that. */
  record SettleDecided(long nanos, long handing, Outcome outcome) implements Event {}

  /** A reader read a message. */
  record Read(
      long nanos,
      String topic,
      String reader,
      String id,
      @Nullable String key,
      String partition,
      Position position,
      Instant timestamp,
      int contentHash)
      implements Event {}

  /** A message was found in a dead-letter topic. */
  record DeadLetterFound(
      long nanos,
      String topic,
      String group,
      String id,
      @Nullable String key,
      String deadId,
      int attempts,
      String reason)
      implements Event {}

  /**
   * Harm began.
   *
   * @param unconfirmed sends undecided at that moment
   * @param unsettled handings not durably settled at that moment
   */
  record FaultBegan(long nanos, String name, int unconfirmed, int unsettled) implements Event {}

  /** Harm ended. */
  record FaultEnded(long nanos, String name) implements Event {}

  /** Partitions came to a member. */
  record Assigned(long nanos, String group, String member, Set<String> partitions)
      implements Event {}

  /** Partitions left a member in good order. */
  record Revoked(long nanos, String group, String member, Set<String> partitions)
      implements Event {}

  /** Partitions were taken from a member. */
  record Lost(long nanos, String group, String member, Set<String> partitions) implements Event {}

  /** A member opened. */
  record Joined(long nanos, String group, String member) implements Event {}

  /** A member closed in good order. */
  record Left(long nanos, String group, String member) implements Event {}

  /** A member was killed. */
  record Died(long nanos, String group, String member) implements Event {}

  /** A group was reset. */
  record Reset(long nanos, String group) implements Event {}

  /** What was asked for. */
  enum How {
    ACK,
    NACK,
    DEAD_LETTER
  }

  /** What came of it. */
  enum Outcome {
    DONE,
    ALREADY_SETTLED,
    STALE,
    FAILED
  }
}
