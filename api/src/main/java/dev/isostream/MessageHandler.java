package dev.isostream;

import org.jspecify.annotations.Nullable;

/** Handles deliveries, one per call. */
@FunctionalInterface
public interface MessageHandler<T extends @Nullable Object> {

  /**
   * Handles one delivery. Returning acks it, where it has not been settled by then; throwing nacks
   * it (contract D7).
   *
   * <p>Threads: called by as many threads at once as the concurrency says, never by two for one
   * key.
   */
  void handle(Delivery<T> delivery) throws Exception;
}
