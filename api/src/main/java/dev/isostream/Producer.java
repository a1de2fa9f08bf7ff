package dev.isostream;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to one topic.
 *
 * <p>Order: messages of one key reach every group and reader in the order of these calls; a failed
 * send may leave a gap, never a swap (contract P2).
 *
 * <p>Threads: thread-safe. Calls from several threads are in the order in which they entered.
 */
public interface Producer<T extends @Nullable Object> extends AutoCloseable {

  /**
   * Sends one message; the future completes once the broker has it durably (contract P1).
   *
   * <p>Blocks: only while the memory in flight is at its bound, at most {@code maxBlock} (contract
   * P5); never for I/O.
   *
   * <p>Threads: the future completes on a thread of the backend's client; what hangs on it must not
   * block. Use {@code thenAcceptAsync} for anything long.
   *
   * <p>Fails, through the future: {@link LimitExceededException} before anything is sent (P7);
   * {@link BufferFullException} after {@code maxBlock}; {@link SendFailedException} once decided,
   * at the latest after {@code deliveryTimeout}, saying whether the message may have been stored
   * (P3); {@link ClosedException} after close.
   */
  CompletableFuture<Receipt> send(Message<T> message);

  /** As {@link #send(Message)}, of a message without key and headers. */
  default CompletableFuture<Receipt> send(T payload) {
    return send(Message.of(payload));
  }

  /**
   * Sends and waits.
   *
   * <p>Blocks: until decided, at most {@code maxBlock} and {@code deliveryTimeout} together. When
   * interrupted, fails with {@link InterruptedOperationException}, the interrupt flag set; the
   * message may be stored.
   */
  Receipt sendSync(Message<T> message);

  /**
   * Sends several, in this order; each has a future and a fate of its own (contract P9).
   *
   * @return one future per message, in the same order
   */
  List<CompletableFuture<Receipt>> sendAll(Collection<Message<T>> messages);

  /**
   * As {@link #send(Message)} where there is room in flight now.
   *
   * @return empty, with nothing sent, where there is none
   */
  Optional<CompletableFuture<Receipt>> trySend(Message<T> message);

  /** Completes when there is room in flight, at once where there is some now (contract P5). */
  CompletionStage<Void> whenRoom();

  /** Completes when everything sent before this call is decided, in whatever way (contract P8). */
  CompletableFuture<Void> flush();

  /** As {@link #close(Duration)} with the delivery timeout. */
  @Override
  void close();

  /**
   * Refuses new messages, waits until those in flight are decided, at most this long, then fails
   * the rest as maybe stored (contract P8). Harmless when repeated, from any thread (contract F6).
   */
  void close(Duration timeout);
}
