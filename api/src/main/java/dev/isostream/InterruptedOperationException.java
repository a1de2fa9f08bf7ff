package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The calling thread was interrupted while it waited; its interrupt flag is set. */
public final class InterruptedOperationException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public InterruptedOperationException(String message) {
    this(message, null);
  }

  public InterruptedOperationException(String message, @Nullable Throwable cause) {
    super(message, cause, true);
  }
}
