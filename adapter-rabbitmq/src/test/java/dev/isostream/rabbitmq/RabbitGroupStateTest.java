package dev.isostream.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RabbitGroupStateTest {

  private static final long NOW = 1_000_000;
  private final RabbitGroupState state = new RabbitGroupState();

  private @Nullable Object apply(byte[] operation) {
    return state.apply(ByteBuffer.wrap(operation), NOW);
  }

  private RabbitGroupState.View look() {
    return (RabbitGroupState.View) java.util.Objects.requireNonNull(apply(RabbitGroupState.look()));
  }

  private static byte[] commit(String member, long number, long epoch, long offset) {
    return RabbitGroupState.commit(
        member,
        number,
        List.of(
            new RabbitGroupState.Commit(
                "0", epoch, new RabbitGroupState.Cursor(1, offset, new byte[] {1}))));
  }

  private long offset() {
    RabbitGroupState.Lane lane = look().lanes().get("0");
    return lane == null || lane.cursor() == null ? -1 : lane.cursor().offset();
  }

  @Test
  void anAcquireWinsOnlyIfNothingHasChanged() {
    assertThat(apply(RabbitGroupState.acquire("0", 0, 0, null, "a")))
        .isInstanceOf(RabbitGroupState.Lane.class);
    assertThat(apply(RabbitGroupState.acquire("0", 0, 0, null, "b")))
        .isEqualTo(RabbitGroupState.Refusal.CHANGED);
    apply(RabbitGroupState.renew("a", Map.of("0", 1L)));
    assertThat(apply(RabbitGroupState.acquire("0", 1, 1, "a", "b")))
        .as("the owner has renewed")
        .isEqualTo(RabbitGroupState.Refusal.CHANGED);
    assertThat(apply(RabbitGroupState.acquire("0", 1, 2, "a", "b")))
        .isInstanceOfSatisfying(
            RabbitGroupState.Lane.class, lane -> assertThat(lane.epoch()).isEqualTo(2));
  }

  @Test
  void aCommitOfAReplacedOwnerComesToNothing() {
    apply(RabbitGroupState.acquire("0", 0, 0, null, "a"));
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(true));
    apply(RabbitGroupState.acquire("0", 1, 1, "a", "b"));
    assertThat(apply(commit("a", 2, 1, 9))).isEqualTo(List.of(false));
    assertThat(apply(commit("a", 3, 2, 9))).as("another's epoch").isEqualTo(List.of(false));
    assertThat(offset()).isEqualTo(5);
  }

  @Test
  void aCommitThatArrivesBehindALaterOneComesToNothing() {
    apply(RabbitGroupState.acquire("0", 0, 0, null, "a"));
    apply(commit("a", 2, 1, 9));
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(false));
    assertThat(offset()).isEqualTo(9);
  }

  @Test
  void aResetWaitsForNobodyLiveAndFencesWhoComesBack() {
    apply(RabbitGroupState.acquire("0", 0, 0, null, "a"));
    Map<String, RabbitGroupState.Cursor> start =
        Map.of("0", new RabbitGroupState.Cursor(1, 0, new byte[0]));
    assertThat(apply(RabbitGroupState.reset(100, start)))
        .isEqualTo(RabbitGroupState.Refusal.ACTIVE);
    assertThat(state.apply(ByteBuffer.wrap(RabbitGroupState.reset(100, start)), NOW + 100))
        .isEqualTo(true);
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(false));
    assertThat(offset()).isZero();
  }

  @Test
  void nothingHappensInAGroupThatWasDeleted() {
    assertThat(apply(RabbitGroupState.delete(100))).isEqualTo(true);
    assertThat(apply(RabbitGroupState.heartbeat("a"))).isEqualTo(RabbitGroupState.Refusal.DELETED);
  }

  @Test
  void anotherReaderOfWhatWasWrittenGoesOnTheSame() {
    apply(RabbitGroupState.acquire("0", 0, 0, null, "a"));
    apply(RabbitGroupState.acquire("1", 0, 0, null, "b"));
    apply(RabbitGroupState.want("0", 1, "b"));
    apply(commit("a", 7, 1, 12));
    RabbitGroupState other = new RabbitGroupState();
    other.read(state.write());
    assertThat(other.write()).isEqualTo(state.write());
    byte[] late = commit("a", 6, 1, 3);
    assertThat(other.apply(ByteBuffer.wrap(late), NOW)).isEqualTo(apply(late));
    assertThat(other.write()).isEqualTo(state.write());
  }

  @Test
  void malformedOperationsChangeNothing() {
    apply(RabbitGroupState.acquire("0", 0, 0, null, "a"));
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
