package dev.isostream.benchmarks.rabbitmq;

import dev.isostream.benchmarks.rounds.Backend;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import java.util.LinkedHashMap;
import java.util.Map;

/** RabbitMQ, by its stream protocol. */
public final class RabbitBackend implements Backend {

  /** Found by its name. */
  public RabbitBackend() {}

  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public Map<String, String> brokerSettings() {
    return Map.of();
  }

  @Override
  public Map<String, String> properties(Clients clients) {
    return Map.of("rabbitmq.connect", "given");
  }

  @Override
  public Contestant raw(Clients clients) {
    return new RawRabbit(clients);
  }

  @Override
  public Map<String, String> about(Clients clients) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(
        "Producers",
        "raw: the stream client's super-stream producer, asynchronous confirms, its defaults;"
            + " Isostream: one append out at a time, up to 1,024 messages");
    about.put(
        "Consumers",
        "raw: the super-stream consumer, which stores an offset per stream every "
            + RawRabbit.STORE_EVERY
            + " messages and at the end, unconfirmed; Isostream: a handler, order by key, each"
            + " message acked by itself, until the acks are durable");
    return about;
  }
}
