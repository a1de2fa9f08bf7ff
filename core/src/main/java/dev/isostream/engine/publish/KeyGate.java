package dev.isostream.engine.publish;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lets one send of a key through at a time: the next one goes once this one is decided and the sink
 * is through with it (contract P2). Confined to the drainer.
 */
final class KeyGate {

  /** A key as a map's key. The array is not changed by anyone. */
  record Key(byte[] bytes) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    /** Its size; keys may be secrets. */
    @Override
    public String toString() {
      return bytes.length + " B";
    }
  }

  private final Key key;
  private @Nullable ArrayDeque<GatedSend> waiting;

  KeyGate(Key key) {
    this.key = key;
  }

  Key key() {
    return key;
  }

  /** Puts one behind the one that is through. */
  void enqueue(GatedSend send) {
    if (waiting == null) {
      waiting = new ArrayDeque<>();
    }
    waiting.add(send);
  }

  /** The next one; null where there is none. */
  @Nullable GatedSend next() {
    return waiting == null ? null : waiting.poll();
  }
}
