package dev.isostream;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Told of what happens to a member of a group, or to a reader.
 *
 * <p>Threads: called on the member's own thread, one call at a time; must not block. What a
 * listener throws is logged and ignored.
 */
public interface MemberListener {

  /** Partitions came to this member. */
  default void assigned(Set<String> partitions) {}

  /** Partitions left this member in good order, drained (contract G4). */
  default void revoked(Set<String> partitions) {}

  /** Partitions were taken from this member; what it holds of them is stale (contract G7). */
  default void lost(Set<String> partitions) {}

  /** An attempt failed: the handler threw, nacked, or the payload did not decode (contract D7). */
  default void attemptFailed(MessageInfo message, int attempt, @Nullable Throwable cause) {}

  /** A message was stored in the dead-letter topic (contract D6). */
  default void deadLettered(MessageInfo message, int attempts, String reason) {}

  /** A message was discarded, its attempts used up; see {@link Exhausted#DISCARD}. */
  default void discarded(MessageInfo message, int attempts, String reason) {}

  /**
   * The dead-letter topic can't be written; it is tried again (contract D6). Told as {@link
   * #failed}.
   */
  default void deadLetterFailed(MessageInfo message, Throwable cause) {}

  /** A delivery has been unsettled for this long; told once per delivery (contract D7). */
  default void stuck(MessageInfo message, Duration age) {}

  /** Messages were removed by retention before they were read (contract G9, R5). */
  default void gap(String partition, Position expected, @Nullable Position continuedAt) {}

  /** A partition waits: its open window is full (contract D4). */
  default void windowFull(String partition, int open) {}

  /** The topic has other partitions than before; keys may have moved (contract O1). */
  default void partitionsChanged(Set<String> before, Set<String> after) {}

  /**
   * Something failed and is tried again, or has stopped the member if it is not retriable.
   *
   * <p>What is tried again is told at once when it fails first, then every five seconds at most;
   * {@link GroupMember#metrics} counts each.
   */
  default void failed(MessagingException cause) {}
}
