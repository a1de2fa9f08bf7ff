package dev.isostream.conformance.brokers;

/** A broker that was asked for can't be had. The message says why, and what to install or set. */
public final class BrokerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates one whose message says what is missing and what to do. */
  public BrokerUnavailableException(String message) {
    super(message);
  }

  /** Creates one with the failure behind it. */
  public BrokerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
