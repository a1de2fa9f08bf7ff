package dev.isostream.conformance.scene;

import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.SendFailedException;
import dev.isostream.conformance.history.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A producer that records. Thread-safe; the history has the order of the calls. */
public final class Sender {

  private final Scene scene;
  private final String topic;
  private final String name;
  private final Producer<String> producer;

  Sender(Scene scene, String topic, Producer<String> producer) {
    this.scene = scene;
    this.topic = topic;
    this.name = scene.unique("producer");
    this.producer = producer;
  }

  /** The producer itself. */
  public Producer<String> producer() {
    return producer;
  }

  /**
   * Sends a message.
   *
   * @param id the payload; up to the first space it names the message in the history
   */
  public synchronized CompletableFuture<Receipt> send(@Nullable String key, String id) {
    Message<String> message = key == null ? Message.of(id) : Message.of(id).key(key);
    return send(message, key);
  }

  private CompletableFuture<Receipt> send(Message<String> message, @Nullable String key) {
    String id = Records.id(message.payload());
    scene.history().record(nanos -> new Event.Sent(nanos, topic, name, id, key));
    CompletableFuture<Receipt> stage = producer.send(message);
    // The one given back completes after the record of it, so that who waits for it finds that.
    return stage.whenComplete((receipt, failure) -> decided(id, failure));
  }

  private void decided(String id, @Nullable Throwable failure) {
    if (failure == null) {
      scene.history().record(nanos -> new Event.SendConfirmed(nanos, topic, id));
      return;
    }
    Throwable cause = Scene.unwrapped(failure);
    boolean maybe = cause instanceof SendFailedException send && send.isMaybeStored();
    scene
        .history()
        .record(nanos -> new Event.SendFailed(nanos, topic, id, maybe, String.valueOf(cause)));
  }

  /** Sends messages {@code prefix-0…} with the keys {@code k0…} in turn, without waiting. */
  public List<CompletableFuture<Receipt>> sendMany(String prefix, int messages, int keys) {
    List<CompletableFuture<Receipt>> stages = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      stages.add(send("k" + i % keys, prefix + "-" + i));
    }
    return stages;
  }

  /** As {@link #sendMany}, and waits until all are confirmed. */
  public List<String> sendAndConfirm(String prefix, int messages, int keys) {
    confirm(sendMany(prefix, messages, keys));
    return IntStream.range(0, messages).mapToObj(i -> prefix + "-" + i).toList();
  }

  /** As {@link #sendAndConfirm}, each when the one before is confirmed: so each is stored alone. */
  public void sendOneByOne(String prefix, int messages) {
    for (int i = 0; i < messages; i++) {
      sendAndConfirm("k0", prefix + "-" + i);
    }
  }

  /** Sends one and waits for its confirmation. */
  public Receipt sendAndConfirm(@Nullable String key, String id) {
    CompletableFuture<Receipt> stage = send(key, id);
    confirm(List.of(stage));
    return stage.join();
  }

  /** Waits within the patience until all are confirmed. */
  public void confirm(List<CompletableFuture<Receipt>> stages) {
    confirm(stages, scene.timing().patience());
  }

  /** Waits within the limit until all are confirmed. */
  public void confirm(List<CompletableFuture<Receipt>> stages, Duration limit) {
    try {
      CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
          .get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      long open = stages.stream().filter(stage -> !stage.isDone()).count();
      throw new AssertionError(
          open + " of " + stages.size() + " sends undecided after " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while sends were undecided", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new AssertionError("a send failed: " + e.getCause(), e);
    }
  }
}
