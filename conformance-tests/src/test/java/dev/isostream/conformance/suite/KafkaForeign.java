package dev.isostream.conformance.suite;

import dev.isostream.Header;
import dev.isostream.conformance.Foreign;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Plain kafka-clients. */
final class KafkaForeign implements Foreign {

  private static final Duration POLL = Duration.ofMillis(200);

  private final String address;

  KafkaForeign(String address) {
    this.address = address;
  }

  @Override
  public void write(String topic, List<Entry> records) {
    Map<String, Object> settings = Map.of("bootstrap.servers", address, "acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (Entry record : records) {
        ProducerRecord<byte[], byte[]> native_ =
            new ProducerRecord<>(topic, 0, record.key(), record.payload());
        record.headers().forEach(header -> native_.headers().add(header.name(), header.value()));
        producer.send(native_).get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("can't write to " + topic, e);
    }
  }

  @Override
  public List<Entry> read(String topic) {
    List<Entry> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", address),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      for (TopicPartition partition : partitions) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        while (consumer.position(partition) < ends.getOrDefault(partition, 0L)) {
          consumer.poll(POLL).forEach(record -> all.add(record(record)));
        }
      }
    }
    return all;
  }

  private static Entry record(ConsumerRecord<byte[], byte[]> record) {
    List<Header> headers = new ArrayList<>();
    record.headers().forEach(header -> headers.add(new Header(header.key(), header.value())));
    return new Entry(record.key(), record.value(), headers);
  }
}
