package dev.isostream;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Handles deliveries without holding a thread. */
@FunctionalInterface
public interface AsyncMessageHandler<T extends @Nullable Object> {

  /**
   * Starts handling one delivery. The stage's completion acks it, where it has not been settled by
   * then; its failure, or a throw, nacks it (contract D7). Until then it counts against the
   * concurrency.
   */
  CompletionStage<?> handle(Delivery<T> delivery) throws Exception;
}
