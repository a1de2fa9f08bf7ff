package dev.isostream.engine.publish;

import dev.isostream.Codec;
import dev.isostream.Headers;
import dev.isostream.Limits;
import dev.isostream.Message;
import dev.isostream.MessagingException;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.Payloads;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.errors.Errors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The producer that applications get, over any driver. */
final class EngineProducer<T extends @Nullable Object> implements Producer<T> {

  private final String topic;
  private final Codec<T> codec;
  private final Duration maxBlock;
  private final MessageChecks checks;
  private final Room room;
  private final Outbox outbox;
  private volatile boolean closed;

  EngineProducer(ProducerSettings<T> settings, Limits limits, Room room, Outbox outbox) {
    this.topic = settings.topic().name();
    this.codec = settings.topic().codec();
    this.maxBlock = settings.maxBlock();
    this.checks = new MessageChecks(topic, limits, room.maxBytes());
    this.room = room;
    this.outbox = outbox;
  }

  @Override
  public CompletableFuture<Receipt> send(Message<T> message) {
    CompletableFuture<Receipt> sent = append(message, true);
    outbox.drain();
    return Objects.requireNonNull(sent);
  }

  @Override
  public Receipt sendSync(Message<T> message) {
    CompletableFuture<Receipt> sent = send(message);
    String doing = "waiting for the confirmation of a message to topic " + topic;
    try {
      return sent.get();
    } catch (InterruptedException e) {
      throw Errors.interrupted(doing + " (it may be stored)", e);
    } catch (ExecutionException e) {
      throw Errors.here(Errors.translate(doing, e));
    }
  }

  @Override
  public List<CompletableFuture<Receipt>> sendAll(Collection<Message<T>> messages) {
    List<Message<T>> all = List.copyOf(messages);
    List<CompletableFuture<Receipt>> sent = new ArrayList<>(all.size());
    for (Message<T> message : all) {
      sent.add(Objects.requireNonNull(append(message, true)));
    }
    outbox.drain();
    return sent;
  }

  @Override
  public Optional<CompletableFuture<Receipt>> trySend(Message<T> message) {
    CompletableFuture<Receipt> sent = append(message, false);
    outbox.drain();
    return Optional.ofNullable(sent);
  }

  /**
   * Checks, encodes and appends to the outbox, without draining it; what fails is in the future.
   *
   * @return null where there is no room and it may not wait
   */
  private @Nullable CompletableFuture<Receipt> append(Message<T> message, boolean mayWait) {
    Objects.requireNonNull(message, "message");
    try {
      checkOpen();
      byte[] key = message.keyBytes().orElse(null);
      Headers headers = message.headers();
      byte[] payload = Payloads.encode(topic, codec, message.payload());
      int bytes = checks.size(key, payload, headers);
      if (!enter(Room.weight(bytes), mayWait)) {
        return null;
      }
      PendingSend send = outbox.newSend(key, payload, headers, bytes);
      outbox.append(send);
      return send;
    } catch (MessagingException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private boolean enter(long weight, boolean mayWait) {
    if (mayWait) {
      if (!room.tryEnter(weight)) {
        outbox.drain(); // what was appended and not handed yet would never make room
        room.enter(weight, maxBlock);
      }
      return true;
    }
    return room.tryEnterOrNote(weight);
  }

  @Override
  public CompletionStage<Void> whenRoom() {
    return closed ? CompletableFuture.failedFuture(closedException()) : room.whenFree();
  }

  @Override
  public CompletableFuture<Void> flush() {
    return closed ? CompletableFuture.failedFuture(closedException()) : outbox.flush();
  }

  @Override
  public void close() {
    close(outbox.deliveryTimeout());
  }

  @Override
  public void close(Duration timeout) {
    Objects.requireNonNull(timeout, "timeout");
    closed = true;
    room.close();
    boolean interrupted = false;
    try {
      outbox.flush().get(Nanos.of(timeout), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (ExecutionException | TimeoutException e) {
      // What is undecided fails now.
    }
    outbox.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  private MessagingException closedException() {
    return Errors.closed("producer of topic " + topic);
  }

  @Override
  public String toString() {
    return "Producer[" + topic + (closed ? ", closed]" : "]");
  }
}
