package dev.isostream;

import org.jspecify.annotations.Nullable;

/** There is one of that name already. */
public final class AlreadyExistsException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public AlreadyExistsException(String message) {
    this(message, null);
  }

  public AlreadyExistsException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
