package dev.isostream.engine.publish;

import dev.isostream.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A send that may be handed to the sink several times, and may have to wait for another of its key.
 */
final class GatedSend extends PendingSend {

  // The drainer's.
  @Nullable KeyGate gate;
  @Nullable Append within;
  long retryAt;

  // The sink's while it has it, then the drainer's.
  private int failures;
  private volatile boolean maybeStored;

  /** The next one on the stack of those that came back from the sink. */
  @Nullable GatedSend nextReturned;

  GatedSend(
      GatedOutbox outbox,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers,
      int bytes,
      long deadline) {
    super(outbox, key, payload, headers, bytes, deadline);
  }

  /** Takes note of an attempt that failed. */
  void attemptFailed(boolean maybe) {
    failures++;
    maybeStored |= maybe;
  }

  int failures() {
    return failures;
  }

  @Override
  boolean maybeStoredBefore() {
    return maybeStored;
  }

  /** One call to the sink: how many of its sends are still there. */
  static final class Append {
    int out;

    Append(int sends) {
      this.out = sends;
    }
  }
}
