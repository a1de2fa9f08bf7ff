package dev.isostream.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.SourceRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class KafkaRecordsTest {

  private static final KafkaTopic.Partition PARTITION = new KafkaTopic("t", null, 2).partition(1);

  @SuppressWarnings("NullAway") // Kafka's own class is not annotated; it takes nulls
  private static SourceRecord read(
      byte @Nullable [] key, byte @Nullable [] value, RecordHeaders headers) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            "t",
            1,
            42,
            1234,
            TimestampType.CREATE_TIME,
            key == null ? -1 : key.length,
            value == null ? -1 : value.length,
            key,
            value,
            headers,
            Optional.empty());
    List<SourceRecord> batch = KafkaRecords.fromNative(PARTITION, List.of(record));
    assertThat(batch).hasSize(1);
    return batch.get(0);
  }

  @Test
  void aRecordOfAnotherClientIsReadAsItIs() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("a", new byte[] {1}).add("A", null).add("a", new byte[0]).add("", new byte[] {2});
    byte[] key = {(byte) 0xff};
    SourceRecord record = read(key, null, headers);
    assertThat(record.key()).isSameAs(key);
    assertThat(record.payload()).isNull();
    assertThat(record.partition()).isSameAs(PARTITION.name()).isEqualTo("1");
    assertThat(record.offset()).isEqualTo(42);
    assertThat(record.position()).hasToString("kafka:t/1@42");
    assertThat(record.timestamp()).isEqualTo(Instant.ofEpochMilli(1234));
    assertThat(record.headers().asList())
        .extracting(h -> h.name() + "=" + java.util.Arrays.toString(h.value()))
        .containsExactly("a=[1]", "A=null", "a=[]");
    assertThat(record.sizeBytes()).isEqualTo(1 + 1 + 1 + 1 + 1 + 1);
  }

  @Test
  void absentAndEmptyAreNotTheSame() {
    SourceRecord empty = read(new byte[0], new byte[0], new RecordHeaders());
    assertThat(empty.key()).isEmpty();
    assertThat(empty.payload()).isEmpty();
    assertThat(empty.headers().isEmpty()).isTrue();
    assertThat(read(null, null, new RecordHeaders()).key()).isNull();
  }
}
