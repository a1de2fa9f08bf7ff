package dev.isostream.benchmarks.rounds;

import dev.isostream.Messaging;

/** The broker under all contestants, and its topics. */
final class Bench implements AutoCloseable {

  private static final int FILLING_LINGER_MILLIS = 20;

  private final Backend backend;
  private final String address;
  private final Messaging messaging;

  Bench(Backend backend, String address) {
    this.backend = backend;
    this.address = address;
    this.messaging = Messaging.open(backend.name() + "://" + address);
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
