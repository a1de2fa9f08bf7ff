package dev.isostream;

import org.jspecify.annotations.Nullable;

/**
 * What everything here fails with: one hierarchy, the same class for the same cause on every
 * backend, the native exception as its cause (contract E1).
 */
public abstract sealed class MessagingException extends RuntimeException
    permits AlreadyExistsException,
        AuthenticationException,
        AuthorizationException,
        BackendException,
        BrokerUnavailableException,
        BufferFullException,
        ClosedException,
        ConfigurationException,
        DecodeException,
        GroupActiveException,
        GroupNotFoundException,
        IncompatibleGroupException,
        InterruptedOperationException,
        InvalidPositionException,
        InvalidRequestException,
        LimitExceededException,
        PositionRemovedException,
        SecureConnectionException,
        SendFailedException,
        StaleDeliveryException,
        TopicNotFoundException,
        UnsupportedCursorException {

  private static final long serialVersionUID = 1L;

  private final boolean retriable;

  MessagingException(String message, @Nullable Throwable cause, boolean retriable) {
    super(message, cause);
    this.retriable = retriable;
  }

  /** Whether the same call may succeed later with nothing else changed. */
  public boolean isRetriable() {
    return retriable;
  }
}
