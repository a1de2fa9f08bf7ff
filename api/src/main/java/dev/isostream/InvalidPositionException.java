package dev.isostream;

import org.jspecify.annotations.Nullable;

/** A text that is not a position, or a position that does not belong here (contract E5). */
public final class InvalidPositionException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public InvalidPositionException(String message) {
    this(message, null);
  }

  public InvalidPositionException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
