package dev.isostream.kafka;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SourceRecord;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Records both ways, byte for byte (contract P6, W1, W2): key, payload and headers are Kafka's own.
 *
 * <p>One thing has no counterpart: a header of another client whose name is empty is left out.
 */
final class KafkaRecords {

  private KafkaRecords() {}

  /** The partition is left to Kafka's own partitioner, the timestamp to the client. */
  static ProducerRecord<byte @Nullable [], byte @Nullable []> toNative(
      String topic, SinkRecord record) {
    return new ProducerRecord<>(
        topic, null, null, record.key(), record.payload(), headers(record.headers()));
  }

  private static @Nullable List<Header> headers(Headers headers) {
    if (headers.isEmpty()) {
      return null;
    }
    List<Header> all = new ArrayList<>(headers.size());
    for (dev.isostream.Header header : headers) {
      all.add(new RecordHeader(header.name(), header.value()));
    }
    return all;
  }

  /** A view: nothing is copied. */
  static List<SourceRecord> fromNative(
      KafkaTopic.Partition partition, List<ConsumerRecord<byte[], byte[]>> records) {
    return new Batch(partition, records);
  }

  private static final class Batch extends AbstractList<SourceRecord> implements RandomAccess {
    private final KafkaTopic.Partition partition;
    private final List<ConsumerRecord<byte[], byte[]>> records;

    Batch(KafkaTopic.Partition partition, List<ConsumerRecord<byte[], byte[]>> records) {
      this.partition = partition;
      this.records = records;
    }

    @Override
    public SourceRecord get(int index) {
      return new Stored(partition, records.get(index));
    }

    @Override
    public int size() {
      return records.size();
    }
  }

  private static final class Stored extends SourceRecord {
    private final KafkaTopic.Partition partition;
    private final ConsumerRecord<byte[], byte[]> record;

    Stored(KafkaTopic.Partition partition, ConsumerRecord<byte[], byte[]> record) {
      this.partition = partition;
      this.record = record;
    }

    @Override
    public String partition() {
      return partition.name();
    }

    @Override
    public Position position() {
      return partition.position(record.offset());
    }

    @Override
    public long offset() {
      return record.offset();
    }

    @Override
    public byte @Nullable [] key() {
      return record.key();
    }

    @Override
    public byte @Nullable [] payload() {
      return record.value();
    }

    @Override
    public Headers headers() {
      List<dev.isostream.Header> all = new ArrayList<>();
      for (Header header : record.headers()) {
        if (!header.key().isEmpty()) {
          all.add(new dev.isostream.Header(header.key(), header.value()));
        }
      }
      return Headers.of(all);
    }

    @Override
    public Instant timestamp() {
      return Instant.ofEpochMilli(record.timestamp());
    }

    @Override
    public int sizeBytes() {
      int size =
          Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
      for (Header header : record.headers()) {
        byte[] value = header.value();
        size += header.key().length() + (value == null ? 0 : value.length);
      }
      return size;
    }
  }
}
