package dev.isostream.benchmarks.kafka;

import dev.isostream.benchmarks.rounds.Backend;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Kafka. */
public final class KafkaBackend implements Backend {

  private static final String BROKER_JVM = "-Xms1g -Xmx1g";

  /** Found by its name. */
  public KafkaBackend() {}

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public Map<String, String> brokerSettings() {
    return Map.of("brokers.kafka.jvm", BROKER_JVM);
  }

  @Override
  public Map<String, String> properties(Clients clients) {
    Map<String, String> properties = new TreeMap<>();
    producer(clients).forEach((name, value) -> properties.put("kafka.producer." + name, value));
    return properties;
  }

  /** Properties of the producer by their native names. */
  static Map<String, String> producer(Clients clients) {
    return Map.of(
        "linger.ms",
        Integer.toString(clients.lingerMillis()),
        "batch.size",
        "65536",
        "compression.type",
        "none");
  }

  @Override
  public Contestant raw(Clients clients) {
    return new RawKafka(clients);
  }

  @Override
  public Map<String, String> about(Clients clients) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(
        "Producers",
        "acks=all, idempotence, linger.ms="
            + clients.lingerMillis()
            + ", batch.size=65536, no compression, on both sides");
    about.put(
        "Consumers",
        "raw: one thread, `commitSync` once per poll; Isostream: a handler, order by key, each"
            + " message acked by itself, until the acks are durable");
    return about;
  }
}
