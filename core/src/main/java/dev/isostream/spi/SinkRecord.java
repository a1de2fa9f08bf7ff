package dev.isostream.spi;

import dev.isostream.Headers;
import dev.isostream.Position;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One record to append. Implemented by the engine. Arrays must not be changed. */
public interface SinkRecord {

  /** The key; null where there is none. Decides the partition, by the backend's own partitioner. */
  byte @Nullable [] key();

  /** The payload; null where there is none. */
  byte @Nullable [] payload();

  /** Headers, including those the engine adds. */
  Headers headers();

  /** Counts up by one with each record of the producer, from 0; the same when sent again. */
  long sequence();

  /**
   * The broker has it durably.
   *
   * @param position gives the position, asking the broker if need be; called at most once, only if
   *     the application wants to know
   */
  void stored(Supplier<CompletionStage<Position>> position);

  /**
   * It was not stored, as far as is known.
   *
   * @param maybeStored whether it may have been all the same; never before the first request that
   *     holds it was written, where the client shows that (contract P3)
   */
  void failed(ErrorKind kind, boolean maybeStored, Throwable cause);
}
