package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.kinesis.KinesisAggregate.Entry;
import dev.isostream.kinesis.KinesisShards.Shard;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

class KinesisRecordsTest {

  private static final KinesisStream STREAM =
      new KinesisStream("t", Instant.EPOCH, StreamStatus.ACTIVE);
  private static final Shard LOW =
      new Shard("shardId-000000000002", BigInteger.ZERO, BigInteger.TEN, true, Set.of());

  private static Record record(String... hashes) {
    List<Entry> entries =
        Arrays.stream(hashes)
            .map(hash -> new Entry("k", hash, hash.getBytes(StandardCharsets.UTF_8), List.of()))
            .toList();
    return Record.builder()
        .partitionKey("k")
        .sequenceNumber("1")
        .approximateArrivalTimestamp(Instant.EPOCH)
        .data(SdkBytes.fromByteArray(KinesisAggregate.write(entries)))
        .build();
  }

  private static KinesisRecords.Content content(@Nullable Shard shard, Record record) {
    return KinesisRecords.content(STREAM, LOW.name(), shard, record);
  }

  @Test
  void aRecordIsReadWhereItBelongsAsAWhole() {
    assertThat(content(LOW, record("0", "5", "10")).messages()).hasSize(3);
    assertThat(content(null, record("0", "11")).messages()).hasSize(2);
  }

  /** Its sender puts all of it again, those too that would be right here (contract P4). */
  @Test
  void elsewhereNothingOfItIs() {
    KinesisRecords.Content mixed = content(LOW, record("0", "11", "10"));
    assertThat(mixed.messages()).isEmpty();
    assertThat(mixed.all()).isEqualTo(3);
  }
}
