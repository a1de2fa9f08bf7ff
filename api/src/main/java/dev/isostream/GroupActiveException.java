package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The group has live members, so it can't be reset or deleted (contract G8). */
public final class GroupActiveException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public GroupActiveException(String message) {
    this(message, null);
  }

  public GroupActiveException(String message, @Nullable Throwable cause) {
    super(message, cause, true);
  }
}
