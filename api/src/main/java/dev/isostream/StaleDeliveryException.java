package dev.isostream;

import org.jspecify.annotations.Nullable;

/**
 * The member's share has moved on; the message comes to another member, or came (contract D8, G7).
 */
public final class StaleDeliveryException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public StaleDeliveryException(String message) {
    this(message, null);
  }

  public StaleDeliveryException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
