package dev.isostream;

import org.jspecify.annotations.Nullable;

/** More than the backend can store: the message names the limit and the value (contract P7). */
public final class LimitExceededException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public LimitExceededException(String message) {
    this(message, null);
  }

  public LimitExceededException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
