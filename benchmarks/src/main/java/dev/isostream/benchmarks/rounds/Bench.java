package dev.isostream.benchmarks.rounds;

import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import java.util.Map;

/** The broker under all contestants, and its topics. */
final class Bench implements AutoCloseable {

  private static final int FILLING_LINGER_MILLIS = 20;

  private final Backend backend;
  private final String address;
  private final Messaging messaging;

  /**
   * Connects.
   *
   * @param told what else a client has to be told to make topics
   */
  Bench(Backend backend, String address, Map<String, String> told) {
    this.backend = backend;
    this.address = address;
    MessagingBuilder builder = Messaging.builder().address(backend.name() + "://" + address);
    told.forEach(builder::property);
    this.messaging = builder.open();
  }

  Backend backend() {
    return backend;
  }

  String address() {
    return address;
  }

  /** Makes an empty topic, ready to use. */
  void create(String topic, int partitions) {
    messaging.topics().create(topic, partitions);
  }

  /** Makes a topic with these messages in it. */
  void fill(String topic, int partitions, Load load) {
    create(topic, partitions);
    try (Contestant raw = backend.raw(new Clients(address, FILLING_LINGER_MILLIS))) {
      raw.publish(topic, load);
    }
  }

  void delete(String topic) {
    messaging.topics().delete(topic);
  }

  @Override
  public void close() {
    messaging.close();
  }
}
