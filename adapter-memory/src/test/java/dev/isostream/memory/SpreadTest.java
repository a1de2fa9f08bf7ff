package dev.isostream.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Members come and go at random; what is planned stays even, and moves as little as can be. */
class SpreadTest {

  @RepeatedTest(50)
  void isEvenAndMovesLittle(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<LaneSlot> lanes =
        IntStream.range(0, 1 + random.nextInt(40))
            .mapToObj(i -> new LaneSlot(new MemoryPartition("t", "i", "" + i, Long.MAX_VALUE)))
            .toList();
    List<MemoryMember> members = new ArrayList<>();
    for (int step = 0; step < 30; step++) {
      if (members.isEmpty() || random.nextInt(3) > 0) {
        members.add(member("m" + step));
      } else {
        MemoryMember gone = members.remove(random.nextInt(members.size()));
        lanes.stream().filter(lane -> lane.owner == gone).forEach(LaneSlot::free);
      }
      Map<LaneSlot, MemoryMember> plan = Spread.plan(members, lanes);
      if (members.isEmpty()) {
        assertThat(plan).isEmpty();
      } else {
        assertEven(plan, members, lanes);
        assertFewMoves(plan, members, lanes);
        plan.forEach((lane, owner) -> lane.owner = owner);
      }
    }
  }

  private static MemoryMember member(String id) {
    return new MemoryMember(
        id, "here", new Doorbell(), Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  private static void assertEven(
      Map<LaneSlot, MemoryMember> plan, List<MemoryMember> members, List<LaneSlot> lanes) {
    assertThat(plan.keySet()).containsExactlyInAnyOrderElementsOf(lanes);
    int least = lanes.size() / members.size();
    int most = least + (lanes.size() % members.size() == 0 ? 0 : 1);
    count(plan, members).forEach((member, count) -> assertThat(count).isBetween(least, most));
  }

  /** No member gets a lane of another as long as it has as many as it may. */
  private static void assertFewMoves(
      Map<LaneSlot, MemoryMember> plan, List<MemoryMember> members, List<LaneSlot> lanes) {
    int least = lanes.size() / members.size();
    long kept = lanes.stream().filter(lane -> lane.owner == plan.get(lane)).count();
    Map<MemoryMember, Integer> before = new HashMap<>();
    lanes.stream()
        .filter(lane -> lane.owner != null && members.contains(lane.owner))
        .forEach(lane -> before.merge(lane.owner, 1, Integer::sum));
    long extra = lanes.size() % members.size();
    long couldStay = before.values().stream().mapToInt(count -> Math.min(count, least)).sum();
    long withExtra = before.values().stream().filter(count -> count > least).count();
    assertThat(kept).isEqualTo(couldStay + Math.min(extra, withExtra));
  }

  private static Map<MemoryMember, Integer> count(
      Map<LaneSlot, MemoryMember> plan, List<MemoryMember> members) {
    Map<MemoryMember, Integer> counts = new HashMap<>();
    members.forEach(member -> counts.put(member, 0));
    plan.values().forEach(member -> counts.merge(member, 1, Integer::sum));
    return counts;
  }
}
