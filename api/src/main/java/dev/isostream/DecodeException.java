package dev.isostream;

import org.jspecify.annotations.Nullable;

/** A payload that the codec can't decode (contract D9). */
public final class DecodeException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public DecodeException(String message) {
    this(message, null);
  }

  public DecodeException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
