package dev.isostream.core;

import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.StartAt;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A reader that is forgotten when it is closed.
 *
 * @param forget harmless when repeated
 */
record TrackedReader<T extends @Nullable Object>(Reader<T> target, Runnable forget)
    implements Reader<T> {

  @Override
  public Optional<Received<T>> read(Duration wait) {
    return target.read(wait);
  }

  @Override
  public List<Received<T>> readBatch(int max, Duration wait) {
    return target.readBatch(max, wait);
  }

  @Override
  public void seek(StartAt place) {
    target.seek(place);
  }

  @Override
  public boolean isCaughtUp() {
    return target.isCaughtUp();
  }

  @Override
  public boolean isAtEnd() {
    return target.isAtEnd();
  }

  @Override
  public Iterator<Received<T>> iterator() {
    return target.iterator();
  }

  @Override
  public Stream<Received<T>> stream() {
    return target.stream();
  }

  @Override
  public void close() {
    target.close();
    forget.run();
  }

  @Override
  public String toString() {
    return target.toString();
  }
}
