package dev.isostream;

import org.jspecify.annotations.Nullable;

/** There is no topic of that name (contract E3). */
public final class TopicNotFoundException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public TopicNotFoundException(String message) {
    this(message, null);
  }

  public TopicNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
