package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The broker refuses the credentials (contract E3). */
public final class AuthenticationException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public AuthenticationException(String message) {
    this(message, null);
  }

  public AuthenticationException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
