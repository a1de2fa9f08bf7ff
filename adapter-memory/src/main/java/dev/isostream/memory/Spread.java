package dev.isostream.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who should have which lane: as even as can be, with as few moves as can be (contract G6).
 * Stateless.
 */
final class Spread {

  private Spread() {}

  /** Every lane with its member; empty where there are no members. */
  static Map<LaneSlot, MemoryMember> plan(
      Collection<MemoryMember> members, Collection<LaneSlot> lanes) {
    Map<MemoryMember, Deque<LaneSlot>> shares = new LinkedHashMap<>();
    members.forEach(member -> shares.put(member, new ArrayDeque<>()));
    Deque<LaneSlot> free = new ArrayDeque<>();
    for (LaneSlot lane : lanes) {
      MemoryMember holder = lane.holder();
      Deque<LaneSlot> share = holder == null ? null : shares.get(holder);
      (share == null ? free : share).add(lane);
    }
    List<MemoryMember> largestFirst = new ArrayList<>(members);
    largestFirst.sort(Comparator.comparingInt(member -> -sizeOf(shares, member)));
    Map<LaneSlot, MemoryMember> plan = new LinkedHashMap<>();
    for (int i = 0; i < largestFirst.size(); i++) {
      Deque<LaneSlot> share = share(shares, largestFirst.get(i));
      while (share.size() > quota(lanes.size(), members.size(), i)) {
        free.add(share.removeLast());
      }
    }
    for (int i = 0; i < largestFirst.size(); i++) {
      Deque<LaneSlot> share = share(shares, largestFirst.get(i));
      while (share.size() < quota(lanes.size(), members.size(), i)) {
        share.add(free.remove());
      }
      for (LaneSlot lane : share) {
        plan.put(lane, largestFirst.get(i));
      }
    }
    return plan;
  }

  private static int quota(int lanes, int members, int rank) {
    return lanes / members + (rank < lanes % members ? 1 : 0);
  }

  private static int sizeOf(Map<MemoryMember, Deque<LaneSlot>> shares, MemoryMember member) {
    return share(shares, member).size();
  }

  private static Deque<LaneSlot> share(
      Map<MemoryMember, Deque<LaneSlot>> shares, MemoryMember member) {
    return shares.computeIfAbsent(member, m -> new ArrayDeque<>());
  }
}
