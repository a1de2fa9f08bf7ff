package dev.isostream.examples;

import dev.isostream.Delivery;
import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.Messaging;
import dev.isostream.Ordering;
import dev.isostream.Position;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.examples.Event.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A member of the group that charges orders: the application in this example. */
final class BillingMember {

  static final int CONCURRENCY = 3;

  /** Says that the payment provider can't be reached on the first attempt. */
  static final String PROVIDER_DOWN = "provider-down";

  static final Duration NACK_DELAY = Duration.ofMillis(500);
  private static final Duration RETRY_DELAY = Duration.ofMillis(300);

  private final String name;
  private final AtomicInteger chargesLeft;
  private final Consumer<Event> out;
  private final Map<Position, String> failing = new ConcurrentHashMap<>();

  /**
   * A member.
   *
   * @param charges after so many it hangs
   * @param out is told everything
   */
  BillingMember(String name, int charges, Consumer<Event> out) {
    this.name = name;
    this.chargesLeft = new AtomicInteger(charges);
    this.out = out;
  }

  /** Joins; the group exists when this returns. */
  Subscription join(Messaging messaging, Run run) {
    return messaging
        .subscribe(run.orders())
        .group(Run.GROUP)
        .startAt(StartAt.earliest())
        .orderBy(Ordering.KEY)
        .concurrency(CONCURRENCY)
        .retry(Retry.fixed(RETRY_DELAY).maxAttempts(Run.ATTEMPTS))
        .deadLetterTo(run.dead().name())
        .listener(new Listener())
        .handle(this::handle);
  }

  private void handle(Delivery<Order> delivery) throws InterruptedException {
    tell(Kind.HANDED, delivery);
    if (delivery.payload().cents() < 0) {
      failing.put(delivery.position(), delivery.payload().id());
      tell(Kind.FAILED, delivery);
      throw new IllegalArgumentException(delivery.payload().cents() + " cents can't be charged");
    }
    if (delivery.headers().last(PROVIDER_DOWN).isPresent() && delivery.attempt() == 1) {
      tell(Kind.NACKED, delivery);
      delivery.nack(NACK_DELAY);
      return;
    }
    if (chargesLeft.getAndDecrement() <= 0) {
      tell(Kind.HANGING, delivery);
      new CountDownLatch(1).await(); // until it is killed
    }
    // Returning would ack as well; this waits until the ack is durable, to be able to say so.
    delivery.ack().toCompletableFuture().join();
    tell(Kind.CHARGED, delivery);
  }

  private void tell(Kind kind, Delivery<Order> delivery) {
    out.accept(Event.of(kind, name, delivery));
  }

  private final class Listener implements MemberListener {

    @Override
    public void assigned(Set<String> partitions) {
      out.accept(Event.ofShare(Kind.ASSIGNED, name, partitions));
    }

    @Override
    public void revoked(Set<String> partitions) {
      out.accept(Event.ofShare(Kind.REVOKED, name, partitions));
    }

    @Override
    public void lost(Set<String> partitions) {
      out.accept(Event.ofShare(Kind.REVOKED, name, partitions));
    }

    @Override
    public void deadLettered(MessageInfo message, int attempts, String reason) {
      String order = failing.getOrDefault(message.position(), "");
      String customer = message.key().orElse("");
      String position = message.position().toString();
      out.accept(new Event(Kind.DEAD, name, order, customer, position, attempts));
    }
  }
}
