package dev.isostream.examples;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Ordering;
import dev.isostream.Position;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import java.time.Duration;
import java.util.List;

/** The README's code. A test holds the two against each other, and runs it. */
final class Snippets {

  private Snippets() {}

  @SuppressWarnings("FutureReturnValueIgnored") // what it prints is all that it is for
  static void readme() {
    record Order(String id, String customer, long cents) {}

    Topic<Order> orders = Topic.of("orders", Codecs.json(Order.class));

    try (Messaging messaging =
        Messaging.open("memory://local")) { // or open(): isostream.yaml, environment, -D
      messaging.topics().create("orders", 3);
      messaging.topics().create("orders.dead", 1);

      Subscription billing =
          messaging
              .subscribe(orders)
              .group("billing")
              .startAt(StartAt.earliest())
              .orderBy(Ordering.KEY)
              .concurrency(64)
              .retry(
                  Retry.exponential(Duration.ofMillis(200), Duration.ofSeconds(30)).maxAttempts(5))
              .deadLetterTo("orders.dead")
              .handle(delivery -> charge(delivery.payload())); // returns: ack; throws: try again

      try (Producer<Order> producer = messaging.producer(orders).open()) {
        Order order = new Order("o-1", "anna", 1999);
        producer
            .send(Message.of(order).key(order.customer()).header("source", "web"))
            .thenAccept(receipt -> System.out.println("stored in " + receipt.topic()));
      } // close waits until everything is decided

      String saved;
      try (Consumer<Order> audit =
          messaging
              .consumer(orders)
              .group("audit")
              .startAt(StartAt.earliest())
              .whenExhausted(Exhausted.STOP)
              .open()) {
        List<Delivery<Order>> batch = audit.receiveBatch(100, Duration.ofSeconds(10));
        for (Delivery<Order> delivery : batch) {
          store(delivery.payload());
          delivery.ack();
        }
        saved = batch.get(0).position().toString();
      }

      try (Reader<Order> replay =
          messaging.reader(orders).from(Position.parse(saved)).untilEnd().open()) {
        for (Received<Order> message : replay) { // no group, no trace
          System.out.println(message.position() + " " + message.payload());
        }
      }
      billing.close();
    }
  }

  private static void charge(Object order) {
    System.out.println("charged " + order);
  }

  private static void store(Object order) {
    System.out.println("stored " + order);
  }
}
