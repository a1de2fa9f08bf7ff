package dev.isostream;

import org.jspecify.annotations.Nullable;

/**
 * A stored cursor that this version can't read; the share is refused, never restarted from nothing
 * (contract W3, E5).
 */
public final class UnsupportedCursorException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public UnsupportedCursorException(String message) {
    this(message, null);
  }

  public UnsupportedCursorException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
