package dev.isostream.examples;

import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Publishes orders and keeps what it was told of them. */
final class Shop implements AutoCloseable {

  /** An order and where it is stored. */
  record Stored(Order order, Position position) {}

  private final Producer<Order> producer;
  private final List<Stored> stored = new ArrayList<>();

  Shop(Messaging messaging, Run run) {
    this.producer = messaging.producer(run.orders()).open();
  }

  /** Publishes so many orders of so many customers, and waits until all are stored. */
  List<Stored> publish(int orders, int customers) {
    List<Message<Order>> messages = new ArrayList<>();
    for (int i = 0; i < orders; i++) {
      Order order = new Order("o-%03d".formatted(i), "c-%02d".formatted(i % customers), 100L + i);
      messages.add(Message.of(order).key(order.customer()).header("source", "quickstart"));
    }
    return await(messages, producer.sendAll(messages));
  }

  /** Publishes one, and waits until it is stored. */
  Stored publish(Message<Order> message) {
    return await(List.of(message), List.of(producer.send(message))).get(0);
  }

  private List<Stored> await(
      List<Message<Order>> messages, List<CompletableFuture<Receipt>> receipts) {
    List<Stored> these = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      Position position = receipts.get(i).join().position().toCompletableFuture().join();
      these.add(new Stored(messages.get(i).payload(), position));
    }
    stored.addAll(these);
    return these;
  }

  List<Stored> all() {
    return List.copyOf(stored);
  }

  /** What is stored in a position's partition from there on, in stored order. */
  List<Stored> from(Position position) {
    return stored.stream()
        .filter(one -> one.position().partition().equals(position.partition()))
        .filter(one -> one.position().compareTo(position) >= 0)
        .sorted(Comparator.comparing(Stored::position))
        .toList();
  }

  @Override
  public void close() {
    producer.close();
  }
}
