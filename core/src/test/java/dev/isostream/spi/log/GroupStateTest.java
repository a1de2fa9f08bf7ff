package dev.isostream.spi.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupStateTest {

  private static final long NOW = 1_000_000;
  private final GroupState state = new GroupState();

  private @Nullable Object apply(byte[] operation) {
    return state.apply(ByteBuffer.wrap(operation), NOW);
  }

  private GroupState.View look() {
    return (GroupState.View) java.util.Objects.requireNonNull(apply(GroupState.look()));
  }

  private static byte[] commit(String member, long number, long epoch, long offset) {
    return GroupState.commit(
        member,
        number,
        List.of(
            new GroupState.Commit(
                "0", epoch, new GroupState.Cursor(1, new long[] {offset, 0, 0}, new byte[] {1}))));
  }

  private long offset() {
    GroupState.Lane lane = look().lanes().get("0");
    return lane == null || lane.cursor() == null ? -1 : lane.cursor().words()[0];
  }

  @Test
  void anAcquireWinsOnlyIfNothingHasChanged() {
    assertThat(apply(GroupState.acquire("0", 0, 0, null, "a"))).isInstanceOf(GroupState.Lane.class);
    assertThat(apply(GroupState.acquire("0", 0, 0, null, "b")))
        .isEqualTo(GroupState.Refusal.CHANGED);
    apply(GroupState.renew("a", Map.of("0", 1L)));
    assertThat(apply(GroupState.acquire("0", 1, 1, "a", "b")))
        .as("the owner has renewed")
        .isEqualTo(GroupState.Refusal.CHANGED);
    assertThat(apply(GroupState.acquire("0", 1, 2, "a", "b")))
        .isInstanceOfSatisfying(
            GroupState.Lane.class, lane -> assertThat(lane.epoch()).isEqualTo(2));
  }

  @Test
  void aCommitOfAReplacedOwnerComesToNothing() {
    apply(GroupState.acquire("0", 0, 0, null, "a"));
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(true));
    apply(GroupState.acquire("0", 1, 1, "a", "b"));
    assertThat(apply(commit("a", 2, 1, 9))).isEqualTo(List.of(false));
    assertThat(apply(commit("a", 3, 2, 9))).as("another's epoch").isEqualTo(List.of(false));
    assertThat(offset()).isEqualTo(5);
  }

  @Test
  void aCommitThatArrivesBehindALaterOneComesToNothing() {
    apply(GroupState.acquire("0", 0, 0, null, "a"));
    apply(commit("a", 2, 1, 9));
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(false));
    assertThat(offset()).isEqualTo(9);
  }

  @Test
  void aResetWaitsForNobodyLiveAndFencesWhoComesBack() {
    apply(GroupState.acquire("0", 0, 0, null, "a"));
    Map<String, GroupState.Cursor> start =
        Map.of("0", new GroupState.Cursor(1, new long[] {0, 0, 0}, new byte[0]));
    assertThat(apply(GroupState.reset(1, 100, start))).isEqualTo(GroupState.Refusal.ACTIVE);
    assertThat(state.apply(ByteBuffer.wrap(GroupState.reset(1, 100, start)), NOW + 100))
        .isEqualTo(true);
    assertThat(apply(commit("a", 1, 1, 5))).isEqualTo(List.of(false));
    assertThat(offset()).isZero();
  }

  @Test
  void aResetThatIsStoredTwiceCountsOnce() {
    Map<String, GroupState.Cursor> start =
        Map.of("0", new GroupState.Cursor(1, new long[] {0, 0, 0}, new byte[0]));
    assertThat(apply(GroupState.reset(1, 100, start))).isEqualTo(true);
    apply(GroupState.acquire("0", 1, 1, null, "a"));
    apply(commit("a", 1, 2, 5));
    assertThat(apply(GroupState.reset(1, 0, start))).isEqualTo(true);
    assertThat(offset()).isEqualTo(5);
    assertThat(apply(GroupState.reset(2, 0, start))).isEqualTo(true);
    assertThat(offset()).isZero();
  }

  @Test
  void whenAnOperationWasPublishedIsToldLater() {
    state.apply(ByteBuffer.wrap(GroupState.heartbeat("a")), 0);
    assertThat(apply(GroupState.delete(100))).as("silent since 0").isEqualTo(true);
    GroupState other = new GroupState();
    byte[] sign = GroupState.heartbeat("a");
    other.apply(ByteBuffer.wrap(sign), 0);
    other.timed(ByteBuffer.wrap(sign), NOW);
    assertThat(other.apply(ByteBuffer.wrap(GroupState.delete(100)), NOW))
        .isEqualTo(GroupState.Refusal.ACTIVE);
    assertThat(other.dependsOnTime(ByteBuffer.wrap(GroupState.delete(100)))).isTrue();
    assertThat(other.dependsOnTime(ByteBuffer.wrap(sign))).isFalse();
  }

  @Test
  void nothingHappensInAGroupThatWasDeleted() {
    assertThat(apply(GroupState.delete(100))).isEqualTo(true);
    assertThat(apply(GroupState.heartbeat("a"))).isEqualTo(GroupState.Refusal.DELETED);
  }

  @Test
  void anotherReaderOfWhatWasWrittenGoesOnTheSame() {
    apply(GroupState.acquire("0", 0, 0, null, "a"));
    apply(GroupState.acquire("1", 0, 0, null, "b"));
    apply(GroupState.want("0", 1, "b"));
    apply(commit("a", 7, 1, 12));
    GroupState other = new GroupState();
    other.read(state.write());
    assertThat(other.write()).isEqualTo(state.write());
    byte[] late = commit("a", 6, 1, 3);
    assertThat(other.apply(ByteBuffer.wrap(late), NOW)).isEqualTo(apply(late));
    assertThat(other.write()).isEqualTo(state.write());
  }

  @Test
  void malformedOperationsChangeNothing() {
    apply(GroupState.acquire("0", 0, 0, null, "a"));
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
