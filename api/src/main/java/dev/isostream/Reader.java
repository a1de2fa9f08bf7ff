package dev.isostream;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads stored messages without a group; disturbs none (contract R6). Each partition comes exactly
 * in stored order (O5), and again the same way each time (R2).
 *
 * <p>Threads: thread-safe, but meant for one; calls wait for each other.
 */
public interface Reader<T extends @Nullable Object> extends Iterable<Received<T>>, AutoCloseable {

  /**
   * The next message.
   *
   * <p>Blocks: until there is one, at most {@code wait}.
   *
   * <p>Fails: {@link PositionRemovedException} where the next message was removed and the reader is
   * not to go on (contract R5); {@link DecodeException} where it does not decode and is not wanted
   * raw; the next call goes on behind it. {@link InterruptedOperationException} when interrupted.
   *
   * @return empty when there was none in that time, or at the end of a bounded read
   */
  Optional<Received<T>> read(Duration wait);

  /** Up to {@code max} messages, as soon as there is one; else as {@link #read}. */
  List<Received<T>> readBatch(int max, Duration wait);

  /**
   * Goes to another place, on all partitions this reader has. A bounded read keeps its end.
   *
   * <p>Blocks: until the place is found.
   */
  void seek(StartAt place);

  /**
   * Whether everything stored at the time of the call had been read; an empty topic has been.
   *
   * <p>Blocks: for one question to the broker.
   */
  boolean isCaughtUp();

  /** Whether a bounded read is at its end; never true for others. */
  boolean isAtEnd();

  /**
   * The messages in turn: to the end of a bounded read, else waiting for more for ever. {@code
   * hasNext} blocks and fails as {@link #read}.
   */
  @Override
  Iterator<Received<T>> iterator();

  /** The same as a stream. Closing the stream does not close the reader. */
  Stream<Received<T>> stream();

  /** Stops reading. A call that waits returns. Harmless when repeated. */
  @Override
  void close();
}
