package dev.isostream.conformance.scene;

import dev.isostream.Delivery;
import dev.isostream.Settlement;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.How;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A delivery in hand that records how it is settled. */
public final class Held {

  private final Scene scene;
  private final Delivery<String> delivery;
  private final long handing;

  Held(Scene scene, Delivery<String> delivery, long handing) {
    this.scene = scene;
    this.delivery = delivery;
    this.handing = handing;
  }

  /** The delivery itself; settling through it is not recorded. */
  public Delivery<String> delivery() {
    return delivery;
  }

  /** The message's name in the history. */
  public String id() {
    return Records.id(delivery.payload());
  }

  /** The key; empty where there is none. */
  public String key() {
    return delivery.key().orElse("");
  }

  /** See {@link Delivery#attempt}. */
  public int attempt() {
    return delivery.attempt();
  }

  /** Acks and waits within the patience until that is durable. */
  public Settlement ack() throws Exception {
    return scene.complete("an ack completes", ackLater());
  }

  /** Acks. */
  public CompletableFuture<Settlement> ackLater() {
    return recorded(How.ACK, delivery::ack);
  }

  /** Nacks with the delay that the retry says, and waits until that is taken note of. */
  public Settlement nack() throws Exception {
    return scene.complete("a nack completes", recorded(How.NACK, delivery::nack));
  }

  /** Nacks with this delay, and waits until that is taken note of. */
  public Settlement nack(Duration delay) throws Exception {
    return scene.complete("a nack completes", recorded(How.NACK, () -> delivery.nack(delay)));
  }

  /** Sends it to the dead-letter topic and waits until that is durable. */
  public Settlement deadLetter(String reason) throws Exception {
    return scene.complete(
        "a dead letter is stored", recorded(How.DEAD_LETTER, () -> delivery.deadLetter(reason)));
  }

  private CompletableFuture<Settlement> recorded(
      How how, java.util.function.Supplier<CompletionStage<Settlement>> call) {
    scene.history().record(nanos -> new Event.SettleRequested(nanos, handing, how));
    return call.get()
        .whenComplete(
            (settlement, failure) -> Records.decided(scene.history(), handing, settlement, failure))
        .toCompletableFuture();
  }

  void requested(How how) {
    scene.history().record(nanos -> new Event.SettleRequested(nanos, handing, how));
  }

  @Override
  public String toString() {
    return id() + "#" + attempt();
  }
}
