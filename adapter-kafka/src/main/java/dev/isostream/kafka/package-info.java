/**
 * Apache Kafka over its own client. Nothing here is for applications; see the adapter's page.
 *
 * <p>Who does what: {@link dev.isostream.kafka.KafkaConfig} what may be set and what the clients
 * are opened with, {@code KafkaDriver} what is open, {@code KafkaSink} appends, {@code KafkaSource}
 * reads ({@code KafkaReader} without, {@code KafkaMember} with a group), {@code KafkaAdmin} the
 * rest; {@code KafkaRecords}, {@code KafkaCursors} and {@code KafkaErrors} translate.
 */
@NullMarked
package dev.isostream.kafka;

import org.jspecify.annotations.NullMarked;
