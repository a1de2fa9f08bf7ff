package dev.isostream;

import org.jspecify.annotations.Nullable;

/** TLS can't be agreed on with the broker (contract E3). */
public final class SecureConnectionException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public SecureConnectionException(String message) {
    this(message, null);
  }

  public SecureConnectionException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
