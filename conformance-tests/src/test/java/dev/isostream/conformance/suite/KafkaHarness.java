package dev.isostream.conformance.suite;

import dev.isostream.Position;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.brokers.Brokers;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** A real Kafka. */
final class KafkaHarness extends ServerHarness {

  /** Dead members are missed soon, and partitions noticed, by what the client may say. */
  static final Map<String, String> CLASSIC =
      Map.of(
          "kafka.session.timeout.ms", "2000",
          "kafka.heartbeat.interval.ms", "300",
          "kafka.metadata.max.age.ms", "3000",
          "request-timeout", "10s");

  /** With the newer protocol (KIP-848) the broker says when a member is missed. */
  static final Map<String, String> CONSUMER =
      Map.of("kafka.group.protocol", "consumer", "request-timeout", "10s");

  KafkaHarness(Brokers brokers, Map<String, String> protocol) {
    super(brokers, "kafka", protocol);
  }

  @Override
  Map<String, String> login(String user, String password) {
    return Map.of(
        "kafka.security.protocol",
        "SASL_PLAINTEXT",
        "kafka.sasl.mechanism",
        "PLAIN",
        "kafka.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
            + user
            + "\" password=\""
            + password
            + "\";");
  }

  @Override
  Map<String, String> overTls() {
    return Map.of("kafka.security.protocol", "SSL");
  }

  @Override
  public Foreign foreign() {
    return new KafkaForeign(broker().address());
  }

  @Override
  public void trim(Position earliest) {
    TopicPartition partition =
        new TopicPartition(earliest.topic(), Integer.parseInt(earliest.partition()));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker().address()))) {
      admin
          .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(earliest.word(0))))
          .all()
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("can't trim " + partition, e);
    }
  }
}
