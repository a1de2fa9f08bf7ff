package dev.isostream.engine.publish;

import dev.isostream.Headers;
import dev.isostream.engine.EngineContext;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The short way, for sinks whose client keeps the order through its own retries and whose store
 * refuses copies: sends go through as they come, and what the sink says is the last word.
 */
final class DirectOutbox extends Outbox {

  private final int maxBatch;

  /** The drainer's. */
  private final ArrayList<PendingSend> batch = new ArrayList<>();

  private int numbered;
  private long sequence;

  DirectOutbox(EngineContext context, OutboxSettings settings, Room room) {
    super(context, settings, room);
    this.maxBatch = Math.min(TURN, traits.maxAppendBatch());
  }

  @Override
  PendingSend newSend(
      byte @Nullable [] key, byte @Nullable [] payload, Headers headers, int bytes) {
    return new PendingSend(this, key, payload, headers, bytes, deadlineFromNow());
  }

  @Override
  boolean hand(Sink sink) {
    int generation = keeper.generation();
    if (numbered != generation) {
      numbered = generation;
      sequence = 0;
    }
    for (int left = TURN; left > 0; ) {
      int taken = fill(Math.min(left, maxBatch), generation);
      if (!batch.isEmpty()) {
        appendTo(sink, batch);
        batch.clear();
      }
      if (taken == 0 || keeper.isLost(generation)) { // the rest waits for the next sink
        return false;
      }
      left -= taken;
    }
    return true;
  }

  private int fill(int max, int generation) {
    int taken = 0;
    while (taken < max) {
      PendingSend send = ledger.take();
      if (send == null) {
        break;
      }
      taken++;
      send.number(generation, sequence);
      if (send.hand()) {
        sequence++;
        batch.add(send);
      }
    }
    return taken;
  }

  @Override
  boolean hasNews() {
    return ledger.hasNext();
  }

  @Override
  boolean hasWaiting() {
    return ledger.hasNext();
  }

  @Override
  void decide(PendingSend send, ErrorKind kind, boolean maybeStored, Throwable cause) {
    if (!send.fail(kind, maybeStored, cause) && send.finishAbandoned()) {
      left(send);
    }
  }

  @Override
  void returned(PendingSend send) {
    // Nothing waits for it.
  }

  @Override
  void absorb() {
    // Nothing comes back.
  }

  @Override
  void sinkLost() {
    // What is not handed yet waits in the ledger for the next one.
  }
}
