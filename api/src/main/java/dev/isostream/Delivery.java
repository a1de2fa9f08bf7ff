package dev.isostream;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One message handed to a member of a group, to be settled once.
 *
 * <p>Settling: the first call wins; later ones are harmless and say so (contract D8). Where the
 * member's share has moved on meanwhile, the stage fails with {@link StaleDeliveryException}.
 *
 * <p>Threads: thread-safe. Stages complete on the member's own thread; what hangs on them must not
 * block.
 */
public interface Delivery<T extends @Nullable Object> extends Received<T> {

  /** Which attempt this is, from 1 (contract D5). */
  int attempt();

  /**
   * Settles this message for its group. Once the stage has completed, it never comes to that group
   * again until a reset, whatever crashes next (contract D3).
   */
  CompletionStage<Settlement> ack();

  /**
   * Settles every delivery of this partition that this member holds, up to and including this one.
   * An earlier one that was given back with {@link #nack()} is not held any more: it comes again
   * (contract D10).
   */
  CompletionStage<Settlement> ackCumulative();

  /**
   * Gives the message back as failed; it comes again after the wait that the {@link Retry} says,
   * with its attempt count raised by one, or goes to the dead-letter topic when its attempts are
   * used up. Later messages of its key that were handed out in the same batch are taken back with
   * it, uncounted (contract O4). The stage completes when that is taken note of; it says nothing
   * about durability.
   */
  CompletionStage<Settlement> nack();

  /**
   * As {@link #nack()}, and again no sooner than this (contract D4).
   *
   * @param delay zero or more; what is longer than some 73 years counts as that
   */
  CompletionStage<Settlement> nack(Duration delay);

  /**
   * Sends the message to the dead-letter topic now, then settles it; the stage completes when both
   * are durable (contract D6). Later messages of its key that were handed out in the same batch are
   * taken back, as with {@link #nack()} (contract O4).
   *
   * <p>Fails: {@link InvalidRequestException} where the group has no dead-letter topic.
   */
  CompletionStage<Settlement> deadLetter(String reason);

  /** Whether it has been settled, or given back, by anyone. */
  boolean isSettled();

  /**
   * Whether this member's share is moving on, or has: what is still done for this message may be
   * done again elsewhere (contract G4). A handler that takes long asks this now and then.
   */
  boolean isRevoked();
}
