package dev.isostream;

import org.jspecify.annotations.Nullable;

/** There is no group of that name (contract G8). */
public final class GroupNotFoundException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public GroupNotFoundException(String message) {
    this(message, null);
  }

  public GroupNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
