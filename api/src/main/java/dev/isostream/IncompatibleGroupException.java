package dev.isostream;

import org.jspecify.annotations.Nullable;

/** Other members of the group have settings that these would break (contract G10). */
public final class IncompatibleGroupException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public IncompatibleGroupException(String message) {
    this(message, null);
  }

  public IncompatibleGroupException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
