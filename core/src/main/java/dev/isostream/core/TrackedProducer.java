package dev.isostream.core;

import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A producer that is forgotten when it is closed.
 *
 * @param forget harmless when repeated
 */
record TrackedProducer<T extends @Nullable Object>(Producer<T> target, Runnable forget)
    implements Producer<T> {

  @Override
  public CompletableFuture<Receipt> send(Message<T> message) {
    return target.send(message);
  }

  @Override
  public Receipt sendSync(Message<T> message) {
    return target.sendSync(message);
  }

  @Override
  public List<CompletableFuture<Receipt>> sendAll(Collection<Message<T>> messages) {
    return target.sendAll(messages);
  }

  @Override
  public Optional<CompletableFuture<Receipt>> trySend(Message<T> message) {
    return target.trySend(message);
  }

  @Override
  public CompletionStage<Void> whenRoom() {
    return target.whenRoom();
  }

  @Override
  public CompletableFuture<Void> flush() {
    return target.flush();
  }

  @Override
  public void close() {
    target.close();
    forget.run();
  }

  @Override
  public void close(Duration timeout) {
    target.close(timeout);
    forget.run();
  }

  @Override
  public String toString() {
    return target.toString();
  }
}
