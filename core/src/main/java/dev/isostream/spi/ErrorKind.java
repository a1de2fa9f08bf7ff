package dev.isostream.spi;

/** What kind of failure a native one is. The engine acts on this, never on a text. */
public enum ErrorKind {
  /** Not reachable, not answering, throttling, leader moving: try again. */
  UNAVAILABLE(true),
  /** No such topic. */
  TOPIC_NOT_FOUND(false),
  /** No such group. */
  GROUP_NOT_FOUND(false),
  /** The group has live members. */
  GROUP_ACTIVE(true),
  /** There is one of that name. */
  ALREADY_EXISTS(false),
  /** Credentials refused. */
  AUTHENTICATION(false),
  /** A permission is missing. */
  AUTHORIZATION(false),
  /** TLS can't be agreed on. */
  SECURE_CONNECTION(false),
  /** The backend can't store it: too large. */
  TOO_LARGE(false),
  /** An argument the backend does not take. */
  INVALID(false),
  /** The lane belongs to another member by now, or the writer to another incarnation. */
  FENCED(false),
  /** The place is no longer, or was never, in the log. */
  REMOVED(false),
  /** The client was closed. */
  CLOSED(false),
  /** Anything else: a defect here or there. */
  UNKNOWN(false);

  private final boolean retriable;

  ErrorKind(boolean retriable) {
    this.retriable = retriable;
  }

  /** Whether the same request may succeed later with nothing else changed. */
  public boolean isRetriable() {
    return retriable;
  }
}
