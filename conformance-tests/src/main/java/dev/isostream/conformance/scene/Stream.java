package dev.isostream.conformance.scene;

import dev.isostream.Delivery;
import dev.isostream.DeliveryPublisher;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.conformance.history.Event;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A member as a reactive stream, with a subscriber that records. Thread-safe. */
public final class Stream implements AutoCloseable {

  /** What the subscriber does with each delivery before it takes the next. */
  @FunctionalInterface
  public interface Taking {

    /** Takes one. */
    void take(Held held);
  }

  private final Scene scene;
  private final String group;
  private final String name;
  private final DeliveryPublisher<String> publisher;
  private final Subscriber subscriber;
  private boolean left;

  private Stream(
      Scene scene,
      String group,
      String name,
      DeliveryPublisher<String> publisher,
      Subscriber subscriber) {
    this.scene = scene;
    this.group = group;
    this.name = name;
    this.publisher = publisher;
    this.subscriber = subscriber;
  }

  static Stream open(
      Scene scene,
      SubscriptionBuilder<String> builder,
      String group,
      UnaryOperator<SubscriptionBuilder<String>> settings,
      Taking taking) {
    String name = scene.unique("member");
    Listener listener = new Listener(scene.history(), group, name);
    DeliveryPublisher<String> publisher =
        settings.apply(Members.defaults(builder).listener(listener)).publisher();
    scene.history().record(nanos -> new Event.Joined(nanos, group, name));
    Subscriber subscriber = new Subscriber(scene, group, name, taking);
    publisher.subscribe(subscriber);
    return scene.closing(new Stream(scene, group, name, publisher, subscriber));
  }

  /** Records what it is signalled. */
  private static final class Subscriber implements Flow.Subscriber<Delivery<String>> {

    private final Scene scene;
    private final String group;
    private final String name;
    private final Taking taking;
    private final List<Held> arrived = new CopyOnWriteArrayList<>();
    private final AtomicInteger signalling = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private volatile boolean overlapped;
    private volatile @Nullable Throwable error;
    private volatile Flow.@Nullable Subscription subscription;

    Subscriber(Scene scene, String group, String name, Taking taking) {
      this.scene = scene;
      this.group = group;
      this.name = name;
      this.taking = taking;
    }

    @Override
    public void onSubscribe(Flow.Subscription made) {
      subscription = made;
    }

    @Override
    public void onNext(Delivery<String> delivery) {
      signal(
          () -> {
            long handing =
                Records.handed(scene.history(), group, name, scene.history().number(), delivery);
            Held held = new Held(scene, delivery, handing);
            taking.take(held);
            arrived.add(held);
          });
    }

    @Override
    public void onError(Throwable failure) {
      error = failure;
      signal(ends::incrementAndGet);
    }

    @Override
    public void onComplete() {
      signal(ends::incrementAndGet);
    }

    private void signal(Runnable handling) {
      if (signalling.incrementAndGet() > 1) {
        overlapped = true;
      }
      handling.run();
      signalling.decrementAndGet();
    }
  }

  /** The publisher itself. */
  public DeliveryPublisher<String> publisher() {
    return publisher;
  }

  /** All that was handed out so far, in order. */
  public List<Held> arrived() {
    return List.copyOf(subscriber.arrived);
  }

  /** Asks for so many more. */
  public void request(long deliveries) {
    subscription().request(deliveries);
  }

  /** Wants no more. */
  public void cancel() {
    subscription().cancel();
  }

  private Flow.Subscription subscription() {
    return Objects.requireNonNull(subscriber.subscription, "no onSubscribe before subscribe ended");
  }

  /** Asks for so many and waits for them. */
  public List<Held> take(int deliveries) {
    int before = subscriber.arrived.size();
    request(deliveries);
    scene.await(
        deliveries + " that were requested come",
        () -> subscriber.arrived.size() >= before + deliveries);
    return arrived().subList(before, before + deliveries);
  }

  /** How often it was told that nothing follows. */
  public int ends() {
    return subscriber.ends.get();
  }

  /** What it ended with, where it failed. */
  public Optional<Throwable> error() {
    return Optional.ofNullable(subscriber.error);
  }

  /** Whether two signals came at once. */
  public boolean overlapped() {
    return subscriber.overlapped;
  }

  /** Leaves in good order. */
  @Override
  public synchronized void close() {
    if (!left) {
      left = true;
      publisher.close();
      scene.history().record(nanos -> new Event.Left(nanos, group, name));
    }
  }
}
