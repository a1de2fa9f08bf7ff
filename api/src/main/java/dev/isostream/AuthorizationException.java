package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The credentials lack a permission (contract E3). */
public final class AuthorizationException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public AuthorizationException(String message) {
    this(message, null);
  }

  public AuthorizationException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
