package dev.isostream.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PulsarGroupStateTest {

  private static final long NOW = 1_000_000;
  private final PulsarGroupState state = new PulsarGroupState();

  private @Nullable Object apply(byte[] operation) {
    return state.apply(ByteBuffer.wrap(operation), NOW);
  }

  private PulsarGroupState.View look() {
    return (PulsarGroupState.View) java.util.Objects.requireNonNull(apply(PulsarGroupState.look()));
  }

  private static byte[] commit(String member, long number, long epoch, long offset) {
    return PulsarGroupState.commit(
        member,
        number,
        List.of(
            new PulsarGroupState.Commit(
                "0", epoch, new PulsarGroupState.Cursor(1, offset, 0, 0, new byte[] {1}))));
  }

  private long offset() {
    PulsarGroupState.Lane lane = look().lanes().get("0");
    return lane == null || lane.cursor() == null ? -1 : lane.cursor().ledger();
  }

  @Test
  void anAcquireWinsOnlyIfNothingHasChanged() {
    assertThat(apply(PulsarGroupState.acquire("0", 0, 0, null, "a")))
        .isInstanceOf(PulsarGroupState.Lane.class);
    assertThat(apply(PulsarGroupState.acquire("0", 0, 0, null, "b")))
        .isEqualTo(PulsarGroupState.Refusal.CHANGED);
    apply(PulsarGroupState.renew("a", Map.of("0", 1L)));
    assertThat(apply(PulsarGroupState.acquire("0", 1, 1, "a", "b")))
        .as("the owner has renewed")
        .isEqualTo(PulsarGroupState.Refusal.CHANGED);
    assertThat(apply(PulsarGroupState.acquire("0", 1, 2, "a", "b")))
        .isInstanceOfSatisfying(
            PulsarGroupState.Lane.class, lane -> assertThat(lane.epoch()).isEqualTo(2));
  }

  @Test
  void aCommitOfAReplacedOwnerComesToNothing() {
    apply(PulsarGroupState.acquire("0", 0, 0, null, "a"));
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(true));
    apply(PulsarGroupState.acquire("0", 1, 1, "a", "b"));
    assertThat(apply(commit("a", 2, 1, 9))).isEqualTo(List.of(false));
    assertThat(apply(commit("a", 3, 2, 9))).as("another's epoch").isEqualTo(List.of(false));
    assertThat(offset()).isEqualTo(5);
  }

  @Test
  void aCommitThatArrivesBehindALaterOneComesToNothing() {
    apply(PulsarGroupState.acquire("0", 0, 0, null, "a"));
    apply(commit("a", 2, 1, 9));
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(false));
    assertThat(offset()).isEqualTo(9);
  }

  @Test
  void aResetWaitsForNobodyLiveAndFencesWhoComesBack() {
    apply(PulsarGroupState.acquire("0", 0, 0, null, "a"));
    Map<String, PulsarGroupState.Cursor> start =
        Map.of("0", new PulsarGroupState.Cursor(1, 0, 0, 0, new byte[0]));
    assertThat(apply(PulsarGroupState.reset(1, 100, start)))
        .isEqualTo(PulsarGroupState.Refusal.ACTIVE);
    assertThat(state.apply(ByteBuffer.wrap(PulsarGroupState.reset(1, 100, start)), NOW + 100))
        .isEqualTo(true);
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(false));
    assertThat(offset()).isZero();
  }

  @Test
  void aResetThatIsStoredTwiceCountsOnce() {
    Map<String, PulsarGroupState.Cursor> start =
        Map.of("0", new PulsarGroupState.Cursor(1, 0, 0, 0, new byte[0]));
    assertThat(apply(PulsarGroupState.reset(1, 100, start))).isEqualTo(true);
    apply(PulsarGroupState.acquire("0", 1, 1, null, "a"));
    apply(commit("a", 1, 2, 5));
    assertThat(apply(PulsarGroupState.reset(1, 0, start))).isEqualTo(true);
    assertThat(offset()).isEqualTo(5);
    assertThat(apply(PulsarGroupState.reset(2, 0, start))).isEqualTo(true);
    assertThat(offset()).isZero();
  }

  @Test
  void whenAnOperationWasPublishedIsToldLater() {
    state.apply(ByteBuffer.wrap(PulsarGroupState.heartbeat("a")), 0);
    assertThat(apply(PulsarGroupState.delete(100))).as("silent since 0").isEqualTo(true);
    PulsarGroupState other = new PulsarGroupState();
    byte[] sign = PulsarGroupState.heartbeat("a");
    other.apply(ByteBuffer.wrap(sign), 0);
    other.timed(ByteBuffer.wrap(sign), NOW);
    assertThat(other.apply(ByteBuffer.wrap(PulsarGroupState.delete(100)), NOW))
        .isEqualTo(PulsarGroupState.Refusal.ACTIVE);
    assertThat(other.dependsOnTime(ByteBuffer.wrap(PulsarGroupState.delete(100)))).isTrue();
    assertThat(other.dependsOnTime(ByteBuffer.wrap(sign))).isFalse();
  }

  @Test
  void nothingHappensInAGroupThatWasDeleted() {
    assertThat(apply(PulsarGroupState.delete(100))).isEqualTo(true);
    assertThat(apply(PulsarGroupState.heartbeat("a"))).isEqualTo(PulsarGroupState.Refusal.DELETED);
  }

  @Test
  void anotherReaderOfWhatWasWrittenGoesOnTheSame() {
    apply(PulsarGroupState.acquire("0", 0, 0, null, "a"));
    apply(PulsarGroupState.acquire("1", 0, 0, null, "b"));
    apply(PulsarGroupState.want("0", 1, "b"));
    apply(commit("a", 7, 1, 12));
    PulsarGroupState other = new PulsarGroupState();
    other.read(state.write());
    assertThat(other.write()).isEqualTo(state.write());
    byte[] late = commit("a", 6, 1, 3);
    assertThat(other.apply(ByteBuffer.wrap(late), NOW)).isEqualTo(apply(late));
    assertThat(other.write()).isEqualTo(state.write());
  }

  @Test
  void malformedOperationsChangeNothing() {
    apply(PulsarGroupState.acquire("0", 0, 0, null, "a"));
    apply(commit("a", 1, 1, 5));
    byte[] before = state.write();
    byte[] good = commit("a", 2, 1, 6);
    for (int length = 0; length < good.length; length++) {
      assertThat(apply(java.util.Arrays.copyOf(good, length))).isNull();
    }
    Random random = new Random(7);
    for (int i = 0; i < 1000; i++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      if (noise.length > 1) {
        noise[0] = 1;
        noise[1] = 7;
      }
      apply(noise);
    }
    assertThat(state.write()).isEqualTo(before);
  }
}
