package dev.isostream.conformance.scene;

import dev.isostream.Subscription;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.How;
import java.util.function.UnaryOperator;

/** A member that hands messages to a handler, and records. Thread-safe. */
public final class Push implements AutoCloseable {

  /** Handles a delivery; returning acks, throwing nacks. */
  @FunctionalInterface
  public interface Handler {

    /** Handles one. */
    void handle(Held held) throws Exception;
  }

  private final Scene scene;
  private final String group;
  private final String name;
  private final Subscription subscription;
  private final Listener listener;
  private boolean left;

  private Push(
      Scene scene, String group, String name, Subscription subscription, Listener listener) {
    this.scene = scene;
    this.group = group;
    this.name = name;
    this.subscription = subscription;
    this.listener = listener;
  }

  static Push open(
      Scene scene,
      SubscriptionBuilder<String> builder,
      String topic,
      String group,
      UnaryOperator<SubscriptionBuilder<String>> settings,
      Handler handler) {
    String name = scene.unique("member");
    Listener listener = new Listener(scene.history(), group, name);
    Subscription subscription =
        settings
            .apply(Members.defaults(builder).listener(listener))
            .handle(
                delivery -> {
                  long handing =
                      Records.handed(
                          scene.history(), group, name, scene.history().number(), delivery);
                  Held held = new Held(scene, delivery, handing);
                  try {
                    handler.handle(held);
                  } catch (Exception | Error e) {
                    held.requested(How.NACK);
                    throw e;
                  }
                  if (!delivery.isSettled()) {
                    held.requested(How.ACK);
                  }
                });
    scene.history().record(nanos -> new Event.Joined(nanos, group, name));
    return scene.closing(new Push(scene, group, name, subscription, listener));
  }

  /** The subscription itself. */
  public Subscription subscription() {
    return subscription;
  }

  /** What it told. */
  public Listener listener() {
    return listener;
  }

  /** Its name in the history. */
  public String name() {
    return name;
  }

  /** Leaves in good order. */
  @Override
  public synchronized void close() {
    if (!left) {
      left = true;
      subscription.close();
      scene.history().record(nanos -> new Event.Left(nanos, group, name));
    }
  }
}
