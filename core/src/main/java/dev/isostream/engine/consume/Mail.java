package dev.isostream.engine.consume;

import org.jspecify.annotations.Nullable;

/**
 * An event for a member's loop. Carries its own link, so that posting allocates nothing; posted
 * again only after it was delivered.
 */
interface Mail {

  /** The next mail in the box. For {@link Mailbox}. */
  @Nullable Mail nextMail();

  /** For {@link Mailbox}. */
  void nextMail(@Nullable Mail next);

  /** Does what the event says; called on the loop. */
  void deliver();
}
