package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The backend failed in a way that has no name of its own here. */
public final class BackendException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public BackendException(String message) {
    this(message, null);
  }

  public BackendException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
