package dev.isostream.conformance.brokers;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The settings of a Kafka under test, the same in a container and as a child process: one node that
 * keeps what it confirmed, and is quick to notice the dead.
 */
final class KafkaServerSettings {
  /** The listeners beside the plain one, by name. */
  static final String PROXIED =
      "TC-0"; // the name that Testcontainers gives to the first additional listener

  static final String LOGIN = "LOGIN";
  static final String TLS = "TLS";

  private KafkaServerSettings() {}

  static Map<String, String> common() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("auto.create.topics.enable", "false");
    settings.put("num.partitions", "1");
    singleNode(settings);
    quickToNotice(settings);
    small(settings);
    return settings;
  }

  private static void singleNode(Map<String, String> settings) {
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    // with the default of 3, share groups silently receive nothing
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
  }

  /** The defaults would clamp every short timeout that a fail-over test asks for. */
  private static void quickToNotice(Map<String, String> settings) {
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.min.session.timeout.ms", "500");
    settings.put("group.consumer.min.session.timeout.ms", "1000");
    settings.put("group.consumer.session.timeout.ms", "3000");
    settings.put("group.consumer.min.heartbeat.interval.ms", "100");
    settings.put("group.consumer.heartbeat.interval.ms", "500");
    settings.put("group.consumer.assignment.interval.ms", "0");
    // A killed broker can't register again before its former self's session has ended.
    settings.put("broker.session.timeout.ms", "2000");
    settings.put("broker.heartbeat.interval.ms", "500");
    // so that a test of retention waits for seconds, not for minutes
    settings.put("log.retention.check.interval.ms", "1000");
    settings.put("log.initial.task.delay.ms", "500");
  }

  private static void small(Map<String, String> settings) {
    settings.put("offsets.topic.num.partitions", "1");
    settings.put("transaction.state.log.num.partitions", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "2");
    settings.put("log.cleaner.dedupe.buffer.size", "2097152");
  }

  /** The two guarded listeners and an authorizer for whom whoever needs no login is trusted. */
  static Map<String, String> guarded(KafkaGuard guard, String keyStorePath) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    settings.put("super.users", "User:ANONYMOUS;User:" + guard.admin().user());
    settings.put("sasl.enabled.mechanisms", "PLAIN");
    settings.put("listener.name.login.plain.sasl.jaas.config", guard.jaas());
    settings.put("listener.name.tls.ssl.keystore.type", "PKCS12");
    settings.put("listener.name.tls.ssl.keystore.location", keyStorePath);
    settings.put("listener.name.tls.ssl.keystore.password", guard.certificate().password());
    settings.put("listener.name.tls.ssl.key.password", guard.certificate().password());
    settings.put("listener.name.tls.ssl.client.auth", "none");
    return settings;
  }

  /** The name under which the image reads a setting from its environment. */
  static String environmentName(String setting) {
    return "KAFKA_"
        + setting.replace("_", "__").replace("-", "___").replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
