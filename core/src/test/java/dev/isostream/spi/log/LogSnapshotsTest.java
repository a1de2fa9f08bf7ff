package dev.isostream.spi.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogSnapshotsTest {

  private static final UUID ID = new UUID(1, 2);
  private static final int MUCH = 100 << 20;

  /** A state of so many bytes. */
  private record Bytes(byte[] all) implements LogState {
    static Bytes of(int size) {
      byte[] all = new byte[size];
      new Random(size).nextBytes(all);
      return new Bytes(all);
    }

    @Override
    public @Nullable Object apply(ByteBuffer operation, long timestamp) {
      return null;
    }

    @Override
    public byte[] write() {
      return all.clone();
    }

    @Override
    public void read(byte[] written) {}
  }

  private static LogRecord read(byte[] stored) {
    return Objects.requireNonNull(LogRecord.of(stored));
  }

  private static List<byte[]> written(LogState state, UUID id, long... asOf) {
    LogSnapshots writer = new LogSnapshots(asOf.length);
    writer.count(MUCH);
    return writer.due(state, id, asOf);
  }

  @Test
  void operationsComeBack() {
    byte[] operation = {1, 2, 3};
    LogRecord record = read(LogRecord.operation(ID, operation));
    assertThat(record.kind()).isEqualTo(LogRecord.Kind.OPERATION);
    assertThat(record.id()).isEqualTo(ID);
    assertThat(record.body()).isEqualTo(ByteBuffer.wrap(operation));
  }

  @Test
  void whatIsNotOursIsNoRecord() {
    byte[] stored = LogRecord.operation(ID, new byte[0]);
    assertThat(LogRecord.of(Arrays.copyOf(stored, stored.length - 1))).isNull();
    byte[] later = stored.clone();
    later[0]++;
    assertThat(LogRecord.of(later)).isNull();
    byte[] unknown = stored.clone();
    unknown[1] = 3;
    assertThat(LogRecord.of(unknown)).isNull();
  }

  @Test
  void aStateInPartsComesBackWithItsPlace() {
    for (int size : new int[] {0, 1, 256 << 10, (256 << 10) + 1, 1_000_000}) {
      Bytes state = Bytes.of(size);
      List<byte[]> parts = written(state, ID, 7, 8);
      LogSnapshots reader = new LogSnapshots(2);
      for (byte[] part : parts.subList(0, parts.size() - 1)) {
        assertThat(reader.arrived(read(part), true)).isNull();
        assertThat(reader.areArriving()).isTrue();
      }
      LogSnapshots.Snapshot whole =
          Objects.requireNonNull(reader.arrived(read(parts.get(parts.size() - 1)), true));
      assertThat(whole.id()).isEqualTo(ID);
      assertThat(whole.asOf()).containsExactly(7, 8);
      assertThat(whole.state()).isEqualTo(state.all);
      assertThat(reader.areArriving()).isFalse();
    }
  }

  @Test
  void partsOfTwoStatesAndCopiesDoNotMix() {
    UUID other = new UUID(3, 4);
    Bytes state = Bytes.of(300_000);
    List<byte[]> one = written(state, ID, 1);
    List<byte[]> two = written(Bytes.of(400_000), other, 2);
    LogSnapshots reader = new LogSnapshots(1);
    assertThat(reader.arrived(read(one.get(0)), true)).isNull();
    assertThat(reader.arrived(read(two.get(0)), true)).isNull();
    assertThat(reader.arrived(read(one.get(0)), true)).isNull();
    LogSnapshots.Snapshot whole = Objects.requireNonNull(reader.arrived(read(one.get(1)), true));
    assertThat(whole.state()).isEqualTo(state.all);
    assertThat(reader.areArriving()).isTrue();
    reader.forget();
    assertThat(reader.areArriving()).isFalse();
  }

  @Test
  void malformedPartsChangeNothing() {
    byte[] valid = written(Bytes.of(300_000), ID, 1).get(0);
    LogSnapshots reader = new LogSnapshots(1);
    int head = valid.length - (256 << 10);
    for (int length = 18; length < head; length++) {
      assertThat(reader.arrived(read(Arrays.copyOf(valid, length)), true)).isNull();
    }
    byte[] beyond = valid.clone();
    beyond[head - 3] = 2; // part 2 of 2
    assertThat(reader.arrived(read(beyond), true)).isNull();
    byte[] negative = valid.clone();
    negative[head - 4] = -1;
    assertThat(reader.arrived(read(negative), true)).isNull();
    assertThat(reader.areArriving()).isFalse();
  }

  @Test
  void statesThatNeverArriveDoNotPileUp() {
    LogSnapshots reader = new LogSnapshots(1);
    Bytes state = Bytes.of(300_000);
    List<byte[]> first = written(state, ID, 1);
    reader.arrived(read(first.get(0)), true);
    for (int i = 0; i < 100; i++) {
      reader.arrived(read(written(state, new UUID(5, i), 1).get(0)), true);
    }
    assertThat(reader.arrived(read(first.get(1)), true)).isNull(); // forgotten meanwhile
  }

  @Test
  void itIsTimeToWriteAfterManyBytesAndManyTimesItsSize() {
    LogSnapshots writer = new LogSnapshots(1);
    Bytes small = Bytes.of(10);
    writer.count((int) LogSnapshots.AFTER_BYTES - 1);
    assertThat(writer.due(small, ID, 1)).isEmpty();
    writer.count(1);
    assertThat(writer.due(Bytes.of(1_000_000), ID, 1)).isEmpty();
    List<byte[]> records = writer.due(small, ID, 1);
    assertThat(records).hasSize(1);
    assertThat(writer.due(small, new UUID(3, 4), 1)).isEmpty(); // it is on its way
    assertThat(writer.arrived(read(records.get(0)), false)).isNotNull();
    writer.count((int) LogSnapshots.AFTER_BYTES);
    assertThat(writer.due(small, ID, 2)).hasSize(1);
  }
}
