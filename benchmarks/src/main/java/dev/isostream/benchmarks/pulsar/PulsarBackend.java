package dev.isostream.benchmarks.pulsar;

import dev.isostream.benchmarks.rounds.Backend;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Pulsar. */
public final class PulsarBackend implements Backend {

  private static final String BROKER_JVM = "-Xms1g -Xmx1g -XX:MaxDirectMemorySize=1g";

  /** Found by its name. */
  public PulsarBackend() {}

  @Override
  public String name() {
    return "pulsar";
  }

  @Override
  public Map<String, String> brokerSettings() {
    return Map.of("brokers.pulsar.jvm", BROKER_JVM);
  }

  @Override
  public Map<String, String> properties(Clients clients) {
    return Map.of(
        "pulsar.producer.batchingMaxPublishDelayMicros",
        Integer.toString(1_000 * Math.max(1, clients.lingerMillis())));
  }

  @Override
  public Contestant raw(Clients clients) {
    return new RawPulsar(clients);
  }

  @Override
  public Map<String, String> about(Clients clients) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(
        "Producers",
        "the default batching (1,000 messages, 128 KiB) after "
            + Math.max(1, clients.lingerMillis())
            + " ms, no compression, the broker's de-duplication on, on both sides");
    about.put(
        "Consumers",
        "raw: one consumer of a Failover subscription, `receive` in a loop, each message acked by"
            + " itself, until the broker has confirmed the last ack; Isostream: a handler, order by"
            + " key, each message acked by itself, until the acks are durable");
    return about;
  }
}
