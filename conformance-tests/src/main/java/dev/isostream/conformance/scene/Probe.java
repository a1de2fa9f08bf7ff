package dev.isostream.conformance.scene;

import dev.isostream.Consumer;
import dev.isostream.ConsumerBuilder;
import dev.isostream.Delivery;
import dev.isostream.conformance.history.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A member that is asked for messages, and records. Confined to one thread. */
public final class Probe implements AutoCloseable {

  private final Scene scene;
  private final String group;
  private final String name;
  private final Consumer<String> consumer;
  private final Listener listener;
  private boolean left;

  private Probe(
      Scene scene, String group, String name, Consumer<String> consumer, Listener listener) {
    this.scene = scene;
    this.group = group;
    this.name = name;
    this.consumer = consumer;
    this.listener = listener;
  }

  static Probe open(
      Scene scene,
      ConsumerBuilder<String> builder,
      String topic,
      String group,
      UnaryOperator<ConsumerBuilder<String>> settings) {
    String name = scene.unique("member");
    Listener listener = new Listener(scene.history(), group, name);
    Consumer<String> consumer = settings.apply(Members.defaults(builder).listener(listener)).open();
    scene.history().record(nanos -> new Event.Joined(nanos, group, name));
    return scene.closing(new Probe(scene, group, name, consumer, listener));
  }

  /** The consumer itself; what is received through it is not recorded. */
  public Consumer<String> consumer() {
    return consumer;
  }

  /** What it told. */
  public Listener listener() {
    return listener;
  }

  /** Its name in the history. */
  public String name() {
    return name;
  }

  /** One call of {@code receiveBatch}. */
  public List<Held> batch(int max, Duration wait) {
    long batch = scene.history().number();
    List<Held> held = new ArrayList<>();
    for (Delivery<String> delivery : consumer.receiveBatch(max, wait)) {
      held.add(
          new Held(scene, delivery, Records.handed(scene.history(), group, name, batch, delivery)));
    }
    return held;
  }

  /** Exactly so many deliveries within the patience, in as many calls as it takes. */
  public List<Held> take(int messages) {
    return take(messages, scene.timing().patience());
  }

  /** Exactly so many deliveries within the limit. */
  public List<Held> take(int messages, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    List<Held> held = new ArrayList<>();
    while (held.size() < messages) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(
            "only "
                + held.size()
                + " of "
                + messages
                + " deliveries to group "
                + group
                + " within "
                + limit
                + ": "
                + held);
      }
      held.addAll(batch(messages - held.size(), Duration.ofNanos(Math.min(left, 200_000_000))));
    }
    return held;
  }

  /** The next delivery. */
  public Held takeOne() {
    return take(1).get(0);
  }

  /** Takes and acks so many, one after the other, and gives their ids in the order of handing. */
  public List<String> drain(int messages) throws Exception {
    return drain(messages, scene.timing().patience());
  }

  /** The same, where each may take so long. */
  public List<String> drain(int messages, Duration limit) throws Exception {
    List<String> ids = new ArrayList<>();
    List<java.util.concurrent.CompletableFuture<?>> acks = new ArrayList<>();
    while (ids.size() < messages) {
      for (Held held : take(1, limit)) {
        ids.add(held.id());
        acks.add(held.ackLater());
      }
    }
    for (var ack : acks) {
      scene.complete("an ack completes", ack);
    }
    return ids;
  }

  /** Makes sure that nothing is handed out, for the silence. */
  public void nothing(String why) {
    scene.evidence().lookedFor("never: " + why);
    List<Held> held = batch(1, scene.timing().silence());
    if (!held.isEmpty()) {
      throw new AssertionError("happened: " + why + ": " + held);
    }
  }

  /** Leaves in good order. */
  @Override
  public void close() {
    if (!left) {
      left = true;
      consumer.close();
      scene.history().record(nanos -> new Event.Left(nanos, group, name));
    }
  }
}
