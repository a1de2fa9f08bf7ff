package dev.isostream.kafka;

import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** The three native clients, and the properties each of them has. */
enum KafkaClient {
  PRODUCER,
  CONSUMER,
  ADMIN;

  /** By name. */
  Map<String, ConfigKey> keys() {
    return switch (this) {
      case PRODUCER -> ProducerConfig.configDef().configKeys();
      case CONSUMER -> ConsumerConfig.configDef().configKeys();
      case ADMIN -> AdminClientConfig.configDef().configKeys();
    };
  }

  /** What properties for this client alone start with. */
  String prefix() {
    return name().toLowerCase(Locale.ROOT) + ".";
  }
}
