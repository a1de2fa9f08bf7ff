package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The broker can't be reached or does not answer in time (contract E3). */
public final class BrokerUnavailableException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public BrokerUnavailableException(String message) {
    this(message, null);
  }

  public BrokerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause, true);
  }
}
