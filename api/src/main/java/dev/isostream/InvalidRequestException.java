package dev.isostream;

import org.jspecify.annotations.Nullable;

/** An argument that can't be used: an illegal name or number. */
public final class InvalidRequestException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public InvalidRequestException(String message) {
    this(message, null);
  }

  public InvalidRequestException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
