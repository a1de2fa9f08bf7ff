package dev.isostream.conformance.scenario;

import java.time.Duration;

/**
 * What an application makes of one attempt of one message. Immutable.
 *
 * @param delay of a {@link Kind#NACK}
 * @param reason of a {@link Kind#DEAD_LETTER}, and of what a {@link Kind#THROW} throws
 */
public record Verdict(Kind kind, Duration delay, String reason) {

  /** In which way. */
  public enum Kind {
    /** Done with. */
    ACK,
    /** The handler throws; who has no handler nacks without a delay. */
    THROW,
    /** Not now. */
    NACK,
    /** Given up at once. */
    DEAD_LETTER
  }

  /** Whether the message comes again, or has failed for good. */
  boolean nacks() {
    return kind == Kind.THROW || kind == Kind.NACK;
  }
}
