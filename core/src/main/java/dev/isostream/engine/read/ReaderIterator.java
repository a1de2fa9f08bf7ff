package dev.isostream.engine.read;

import dev.isostream.Received;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Goes through what a reader reads, waiting for more. Confined to one thread. */
final class ReaderIterator<T extends @Nullable Object> implements Iterator<Received<T>> {

  private static final Duration WAIT = Duration.ofHours(1);

  private final EngineReader<T> reader;
  private @Nullable Received<T> next;

  ReaderIterator(EngineReader<T> reader) {
    this.reader = reader;
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      next = reader.read(WAIT).orElse(null);
      if (next == null && (reader.isClosed() || reader.isAtEnd())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Received<T> next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("the reader is at its end");
    }
    Received<T> taken = next;
    next = null;
    return taken;
  }
}
