package dev.isostream;

import org.jspecify.annotations.Nullable;

/** A send that was decided as failed (contract P3). */
public final class SendFailedException extends MessagingException {

  private static final long serialVersionUID = 1L;

  private final boolean maybeStored;

  public SendFailedException(
      String message, boolean maybeStored, boolean retriable, @Nullable Throwable cause) {
    super(message, cause, retriable);
    this.maybeStored = maybeStored;
  }

  /** Whether the message may have been stored all the same; sending it again may store it twice. */
  public boolean isMaybeStored() {
    return maybeStored;
  }
}
