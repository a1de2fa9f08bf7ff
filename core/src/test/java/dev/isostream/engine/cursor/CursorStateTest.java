package dev.isostream.engine.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Exhausted;
import dev.isostream.Ordering;
import dev.isostream.Position;
import dev.isostream.UnsupportedCursorException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What is written is read again; what is malformed is refused, whatever it is (contract D3, W3,
 * E5).
 */
class CursorStateTest {

  private static final GroupRecord RECORD =
      new GroupRecord(
          GroupRecord.Start.TIMESTAMP,
          1_700_000_000_123L,
          Set.of("0", "1", "2"),
          Ordering.KEY,
          5,
          "orders.dead",
          null);

  @Test
  void nothingIsReadFromNothing() {
    CursorState state = CursorState.read(new byte[0]);

    assertThat(state.settled()).isEmpty();
    assertThat(state.groupRecord()).isNull();
  }

  @Test
  void everythingIsReadAsItWasWritten() {
    CursorWriter writer = new CursorWriter(RECORD, 7).dense(1_000_000_000_000L);
    long base = 1_000_000_000_000L;
    writer.settled(base + 3);
    writer.settled(base + 9);
    writer.failures(Spot.dense(base + 1), new Failures(4, true, 0));
    writer.failures(Spot.dense(base + 2), new Failures(1, false, 30_000));
    writer.noted(Spot.dense(base + 1));
    writer.range(base + 10, base + 74);
    writer.alone(Spot.dense(base + 1));

    CursorState state = CursorState.read(writer.toBytes());

    assertThat(state.groupRecord()).isEqualTo(RECORD);
    assertThat(state.settled())
        .containsExactlyInAnyOrder(Spot.dense(base + 3), Spot.dense(base + 9));
    assertThat(state.failures())
        .containsOnly(
            Map.entry(Spot.dense(base + 1), new Failures(4, true, 0)),
            Map.entry(Spot.dense(base + 2), new Failures(1, false, 30_000)));
    assertThat(state.noted()).containsExactly(Spot.dense(base + 1));
    assertThat(state.rangeFrom()).isEqualTo(base + 10);
    assertThat(state.rangeTo()).isEqualTo(base + 74);
    assertThat(state.alone()).isEqualTo(Spot.dense(base + 1));
  }

  @Test
  void aNoteIsForgottenByTheInstanceThatWroteItAndByNoOther() {
    CursorWriter writer = new CursorWriter(null, 7).dense(100);
    writer.settled(103);
    writer.failures(Spot.dense(101), new Failures(4, true, 0));
    writer.noted(Spot.dense(101));
    writer.range(110, 174);
    writer.alone(Spot.dense(101));
    CursorState others = CursorState.read(writer.toBytes());
    CursorState own = CursorState.read(writer.toBytes());

    others.forgetNoteOf(8);
    own.forgetNoteOf(7);

    assertThat(others.noted()).containsExactly(Spot.dense(101));
    assertThat(others.alone()).isEqualTo(Spot.dense(101));
    assertThat(others.rangeTo()).isEqualTo(174);
    assertThat(own.noted()).isEmpty();
    assertThat(own.alone()).isNull();
    assertThat(own.rangeTo()).isEqualTo(own.rangeFrom());
    assertThat(own.settled()).containsExactly(Spot.dense(103));
    assertThat(own.failures()).containsKey(Spot.dense(101));
  }

  @Test
  void spotsOfManyPartitionsAndWordsAreReadAsTheyWereWritten() {
    CursorWriter writer = new CursorWriter(null, 7);
    Spot one = Spot.of(Position.of("pulsar", "t", "t-0", null, 12L, 7L, -1L));
    Spot two = Spot.of(Position.of("pulsar", "t", "t-1", null, 12L, 7L, Long.MAX_VALUE));
    writer.settled(one);
    writer.settled(two);
    writer.noted(two);

    CursorState state = CursorState.read(writer.toBytes());

    assertThat(state.settled()).containsExactlyInAnyOrder(one, two);
    assertThat(state.noted()).containsExactly(two);
  }

  @Test
  void randomStatesAreReadAsTheyWereWrittenAndStayWithinTheBoundThatAdmissionRestsOn() {
    Random random = new Random(42);
    for (int round = 0; round < 2_000; round++) {
      long base = random.nextInt(1_000_000);
      int span = 1 + random.nextInt(20_000);
      Set<Spot> settled = new HashSet<>();
      CursorWriter writer = new CursorWriter(null, 7).dense(base);
      int count = random.nextInt(Math.min(span, 3_000));
      for (int i = 0; i < count; i++) {
        long offset = base + random.nextInt(span);
        if (settled.add(Spot.dense(offset))) {
          writer.settled(offset);
        }
      }
      byte[] bytes = writer.toBytes();

      assertThat(CursorState.read(bytes).settled()).isEqualTo(settled);
      assertThat(bytes.length).isLessThanOrEqualTo(Math.min(span / 8 + 1, 3 * count) + 16);
    }
  }

  @Test
  void resetKeepsTheGroupsRecordOnly() {
    CursorWriter writer = new CursorWriter(RECORD, 7).dense(7);
    writer.settled(9);
    writer.failures(Spot.dense(8), new Failures(2, false, 0));

    CursorState state = CursorState.read(CursorState.resetState(writer.toBytes()));

    assertThat(state.groupRecord()).isEqualTo(RECORD);
    assertThat(state.settled()).isEmpty();
    assertThat(state.failures()).isEmpty();
  }

  @Test
  void partitionsWithNamesOfTheirOwnAreKept() {
    GroupRecord record =
        new GroupRecord(
            GroupRecord.Start.LATEST,
            0,
            Set.of("shardId-000000000007", "shardId-000000000008"),
            Ordering.PARTITION,
            0,
            null,
            Exhausted.STOP);

    assertThat(CursorState.read(new CursorWriter(record, 7).toBytes()).groupRecord())
        .isEqualTo(record);
  }

  @Test
  void aNewerVersionIsRefusedByItsNumber() {
    byte[] bytes = new CursorWriter(RECORD, 7).toBytes();
    bytes[0] = 2;

    assertThatThrownBy(() -> CursorState.read(bytes))
        .isInstanceOf(UnsupportedCursorException.class)
        .hasMessageContaining("version 2")
        .hasMessageContaining("reset");
  }

  @Test
  void garbageIsRefusedOrReadButNeverCrashes() {
    Random random = new Random(7);
    Map<String, Integer> seen = new HashMap<>();
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        bytes[0] = 1;
      }
      try {
        CursorState.read(bytes);
        seen.merge("read", 1, Integer::sum);
      } catch (UnsupportedCursorException e) {
        seen.merge("refused", 1, Integer::sum);
      }
    }
    assertThat(seen).containsKeys("read", "refused");
  }

  @Test
  void differencesAreNamed() {
    GroupRecord other =
        new GroupRecord(
            GroupRecord.Start.EARLIEST, 0, Set.of("0"), Ordering.NONE, 3, null, Exhausted.DISCARD);

    assertThat(RECORD.differences(other))
        .hasSize(4)
        .anyMatch(s -> s.contains("ordering is KEY in the group, NONE here"));
    assertThat(RECORD.differences(RECORD)).isEmpty();
  }
}
