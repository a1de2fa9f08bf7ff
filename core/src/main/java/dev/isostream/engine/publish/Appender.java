package dev.isostream.engine.publish;

import dev.isostream.ClosedException;
import dev.isostream.Headers;
import dev.isostream.InvalidRequestException;
import dev.isostream.LimitExceededException;
import dev.isostream.MessagingException;
import dev.isostream.engine.Backoff;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.Ids;
import dev.isostream.engine.errors.Errors;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a topic what must not be lost: goes on until it is stored, whatever is wrong with the
 * topic or the broker (contract D6). Opens its sink with the first append. Thread-safe.
 *
 * <p>It has no bound of its own: what its caller has in hand bounds it.
 */
public final class Appender implements AutoCloseable {

  private static final long MAX_BYTES_IN_CLIENT = 32L << 20;

  private final EngineContext context;
  private final String topic;
  private final Outbox outbox;
  private final Set<Task> tasks = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** For a topic that need not exist yet. Opens nothing. */
  public Appender(EngineContext context, String topic) {
    this.context = context;
    this.topic = topic;
    Room room = new Room(context.runtime(), topic, Integer.MAX_VALUE, Long.MAX_VALUE);
    String producerId = Ids.unique(context.runtime().random());
    this.outbox =
        Outbox.create(
            context,
            new OutboxSettings(topic, producerId, context.requestTimeout(), MAX_BYTES_IN_CLIENT),
            room);
  }

  /**
   * Appends one record, trying again and again.
   *
   * <p>Threads: the stage completes and the callback is called on a thread of the backend's client
   * or the runtime; neither may block.
   *
   * <p>Fails: {@link LimitExceededException} or {@link InvalidRequestException} where the backend
   * does not take this record, so that trying again is in vain; {@link ClosedException} once
   * closed.
   *
   * @param onFailure told of each attempt that failed
   */
  public CompletionStage<Void> append(
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers,
      Consumer<MessagingException> onFailure) {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    Task task = new Task(key, payload, headers, onFailure, stored);
    tasks.add(task);
    var unused = stored.whenComplete((nothing, failure) -> tasks.remove(task));
    attempt(task, 1);
    return stored;
  }

  private void attempt(Task task, int number) {
    if (closed) {
      task.stored.completeExceptionally(closedException());
      return;
    }
    PendingSend send = outbox.newSend(task.key, task.payload, task.headers, 0);
    var unused =
        send.whenComplete(
            (receipt, failure) -> {
              if (failure == null) {
                task.stored.complete(null);
              } else {
                failed(task, number, Errors.translate("publishing to topic " + topic, failure));
              }
            });
    outbox.append(send);
    outbox.drain();
  }

  private void failed(Task task, int number, MessagingException failure) {
    if (closed) {
      task.stored.completeExceptionally(closedException());
      return;
    }
    task.onFailure.accept(failure);
    Throwable why = failure.getCause();
    if (why instanceof LimitExceededException || why instanceof InvalidRequestException) {
      task.stored.completeExceptionally(why);
      return;
    }
    context
        .runtime()
        .schedule(
            Backoff.after(number, context.runtime().random()), () -> attempt(task, number + 1));
  }

  /** Stops trying; what is not stored by now fails. Harmless when repeated. */
  @Override
  public void close() {
    closed = true;
    outbox.close();
    for (Task task : tasks) {
      task.stored.completeExceptionally(closedException());
    }
  }

  private ClosedException closedException() {
    return Errors.closed("appender to topic " + topic);
  }

  private record Task(
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers,
      Consumer<MessagingException> onFailure,
      CompletableFuture<Void> stored) {}
}
