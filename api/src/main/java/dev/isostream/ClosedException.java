package dev.isostream;

import org.jspecify.annotations.Nullable;

/** Used after it was closed (contract F6). */
public final class ClosedException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public ClosedException(String message) {
    this(message, null);
  }

  public ClosedException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
