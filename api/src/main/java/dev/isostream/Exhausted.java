package dev.isostream;

/** What happens to a message whose attempts are used up and that has no dead-letter topic. */
public enum Exhausted {
  /** It is settled and lost, with a log line and a call to the listener. */
  DISCARD,
  /** The member stops with an error; the message stays unsettled. */
  STOP
}
