package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.kinesis.KinesisAggregate.Entry;
import dev.isostream.kinesis.KinesisShards.Shard;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

class KinesisRecordsTest {

  private static final KinesisStream STREAM =
      new KinesisStream("t", "arn:t", Instant.EPOCH, StreamStatus.ACTIVE);
  private static final BigInteger MIDDLE = BigInteger.ONE.shiftLeft(127);
  private static final Shard LOW =
      new Shard("shardId-000000000002", BigInteger.ZERO, MIDDLE, true, Set.of());

  /** Messages whose hashes are below the middle, or above. */
  private static Record record(boolean... below) {
    List<Entry> entries = new ArrayList<>();
    for (boolean each : below) {
      String key =
          IntStream.iterate(entries.size() * 100, i -> i + 1)
              .mapToObj(i -> "k" + i)
              .filter(k -> KinesisAggregate.hash(k).compareTo(MIDDLE) < 0 == each)
              .findFirst()
              .orElseThrow();
      entries.add(new Entry(key, null, new byte[1], List.of()));
    }
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
    assertThat(content(LOW, record(true, true, true)).messages()).hasSize(3);
    assertThat(content(null, record(true, false)).messages()).hasSize(2);
  }

  /** Its sender puts all of it again, those too that would be right here (contract P4). */
  @Test
  void elsewhereNothingOfItIs() {
    KinesisRecords.Content mixed = content(LOW, record(true, false, true));
    assertThat(mixed.messages()).isEmpty();
    assertThat(mixed.all()).isEqualTo(3);
  }
}
