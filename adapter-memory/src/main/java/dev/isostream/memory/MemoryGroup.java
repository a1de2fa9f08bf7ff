package dev.isostream.memory;

import dev.isostream.GroupAdmin;
import dev.isostream.spi.Admin.GroupInfo;
import dev.isostream.spi.Admin.LaneInfo;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator of one group: members, who has which lane, cursors.
 *
 * <p>There is no timer. Whoever asks anything first gives up the members that have been silent for
 * too long, itself excepted, and members that wait are told how long they may at most.
 *
 * <p>Thread-safe; only doorbells are rung with its lock held.
 */
final class MemoryGroup {

  /** The most bytes of a cursor's state. */
  static final int CURSOR_BYTES = 4096;

  private final ReentrantLock lock = new ReentrantLock();
  private final MemoryTopic topic;
  private final String name;
  private final MemoryClock clock;
  private final Map<String, MemoryMember> members = new LinkedHashMap<>();
  private final Map<String, LaneSlot> lanes = new LinkedHashMap<>();

  MemoryGroup(MemoryTopic topic, String name, MemoryClock clock) {
    this.topic = topic;
    this.name = name;
    this.clock = clock;
    addLanes();
  }

  void join(MemoryMember member) {
    run(
        now -> {
          expire(now, member);
          MemoryMember former = members.remove(member.id());
          if (former != null) {
            giveUp(former);
          }
          members.put(member.id(), member);
          member.gone = false;
          member.lastSeen = now;
          member.notices.clear();
          rebalance(now);
        });
  }

  void leave(MemoryMember member) {
    run(
        now -> {
          if (members.remove(member.id(), member)) {
            giveUp(member);
            rebalance(now);
          }
        });
  }

  /**
   * A sign of life.
   *
   * @return what to tell the member
   */
  News poll(MemoryMember member) {
    return ask(
        now -> {
          expire(now, member);
          member.lastSeen = now;
          if (lanes.size() < topic.partitions().size()) {
            rebalance(now);
          }
          return new News(member.gone, drain(member));
        });
  }

  /** A sign of life whose answer nobody hears. */
  void touch(MemoryMember member) {
    run(now -> member.lastSeen = now);
  }

  private List<Told> drain(MemoryMember member) {
    if (member.notices.isEmpty()) {
      return List.of();
    }
    List<Told> told = new ArrayList<>();
    for (MemoryMember.Notice notice : member.notices) {
      LaneSlot slot = lanes.get(notice.lane().name());
      if (slot != null && notice.kind() == MemoryMember.NoticeKind.ASSIGNED) {
        slot.told = true;
      }
      told.add(new Told(notice, slot == null ? null : slot.cursor));
    }
    member.notices.clear();
    return told;
  }

  /** How long a member may wait without asking again, in nanoseconds. */
  long patience(MemoryMember member) {
    return ask(
        now -> {
          long least = member.sessionNanos() / 3;
          for (MemoryMember other : members.values()) {
            if (other != member) {
              least = Math.min(least, other.lastSeen + other.sessionNanos() - now);
            }
          }
          for (LaneSlot slot : lanes.values()) {
            if (slot.revoking && slot.owner != null) {
              least = Math.min(least, slot.revokedAt + slot.owner.rebalanceNanos() - now);
            }
          }
          return Math.max(1, least);
        });
  }

  /** Gives back a lane, if it is this member's still. */
  void release(MemoryMember member, Lane lane) {
    run(
        now -> {
          LaneSlot slot = lanes.get(lane.name());
          if (slot != null && slot.belongsTo(member, lane)) {
            passOn(slot);
            rebalance(now);
          }
        });
  }

  /** Stores the cursors of those lanes that are this member's. */
  Map<Lane, CommitOutcome> commit(MemoryMember member, List<LaneCommit> commits) {
    return ask(
        now -> {
          expire(now, member);
          Map<Lane, CommitOutcome> outcomes = new HashMap<>();
          for (LaneCommit commit : commits) {
            outcomes.put(commit.lane(), store(member, commit));
          }
          return outcomes;
        });
  }

  private CommitOutcome store(MemoryMember member, LaneCommit commit) {
    LaneSlot slot = lanes.get(commit.lane().name());
    if (slot == null || !slot.belongsTo(member, commit.lane())) {
      return new CommitOutcome.Failed(MemoryErrors.fenced(commit.lane().name()));
    }
    int bytes = commit.cursor().state().length;
    if (bytes > CURSOR_BYTES) {
      return new CommitOutcome.Failed(MemoryErrors.cursorTooLarge(bytes, CURSOR_BYTES));
    }
    slot.cursor = copyOf(commit.cursor());
    return new CommitOutcome.Stored();
  }

  /** Replaces cursors, all or none, while nobody is live. */
  void write(Map<String, StoredCursor> cursors) {
    run(
        now -> {
          checkNotLive(now);
          for (Map.Entry<String, StoredCursor> one : cursors.entrySet()) {
            topic.partition(one.getKey()).offsetOf(one.getValue().place());
            int bytes = one.getValue().state().length;
            if (bytes > CURSOR_BYTES) {
              throw MemoryErrors.cursorTooLarge(bytes, CURSOR_BYTES);
            }
          }
          addLanes();
          cursors.forEach((lane, cursor) -> slot(lane).cursor = copyOf(cursor));
        });
  }

  private LaneSlot slot(String lane) {
    return lanes.computeIfAbsent(lane, name -> new LaneSlot(topic.partition(name)));
  }

  private static StoredCursor copyOf(StoredCursor cursor) {
    return new StoredCursor(cursor.place(), cursor.state().clone());
  }

  private void checkNotLive(long now) {
    expire(now, null);
    if (!members.isEmpty()) {
      throw MemoryErrors.groupActive(topic.name(), name);
    }
  }

  boolean isLive() {
    return ask(
        now -> {
          expire(now, null);
          return !members.isEmpty();
        });
  }

  /** Whether there is nothing to remember: no members and no cursors. */
  boolean isEmpty() {
    return ask(
        now -> {
          expire(now, null);
          return members.isEmpty() && lanes.values().stream().allMatch(slot -> slot.cursor == null);
        });
  }

  GroupInfo describe() {
    return ask(
        now -> {
          expire(now, null);
          List<GroupAdmin.Member> live = new ArrayList<>();
          members.values().forEach(m -> live.add(new GroupAdmin.Member(m.id(), m.host(), of(m))));
          Map<String, LaneInfo> infos = new HashMap<>();
          for (LaneSlot slot : lanes.values()) {
            if (slot.cursor != null) {
              infos.put(slot.partition.name(), describe(slot, slot.cursor));
            }
          }
          return new GroupInfo(live, infos);
        });
  }

  private static LaneInfo describe(LaneSlot slot, StoredCursor cursor) {
    MemoryPartition.Bounds bounds = slot.partition.bounds();
    long next = Math.max(bounds.start(), slot.partition.offsetOf(cursor.place()));
    long backlog = Math.max(0, bounds.end() - next);
    return new LaneInfo(cursor, slot.isAnchor(), backlog, true);
  }

  private Set<String> of(MemoryMember member) {
    Set<String> owned = new HashSet<>();
    for (LaneSlot slot : lanes.values()) {
      if (slot.owner == member) {
        owned.add(slot.partition.name());
      }
    }
    return owned;
  }

  void partitionsChanged() {
    run(this::rebalance);
  }

  void renewSessions() {
    run(
        now -> {
          members.values().forEach(member -> member.lastSeen = now);
          lanes.values().forEach(slot -> slot.revokedAt = now);
        });
  }

  private void addLanes() {
    for (MemoryPartition partition : topic.partitions()) {
      lanes.computeIfAbsent(partition.name(), p -> new LaneSlot(partition));
    }
  }

  private void expire(long now, @Nullable MemoryMember asking) {
    boolean changed = false;
    for (MemoryMember member : List.copyOf(members.values())) {
      if (member != asking && now - member.lastSeen > member.sessionNanos()) {
        members.remove(member.id());
        giveUp(member);
        changed = true;
      }
    }
    for (LaneSlot slot : lanes.values()) {
      MemoryMember owner = slot.owner;
      if (owner != null && slot.revoking && now - slot.revokedAt > owner.rebalanceNanos()) {
        lose(slot, owner);
        passOn(slot);
        changed = true;
      }
    }
    if (changed) {
      rebalance(now);
    }
  }

  private void giveUp(MemoryMember member) {
    member.gone = true;
    member.notices.clear();
    for (LaneSlot slot : lanes.values()) {
      if (slot.heir == member) {
        slot.heir = null;
      }
      if (slot.owner == member) {
        lose(slot, member);
        passOn(slot);
      }
    }
    member.ring();
  }

  private static void lose(LaneSlot slot, MemoryMember owner) {
    Lane lane = slot.lane;
    if (slot.told && lane != null) {
      owner.tell(MemoryMember.NoticeKind.LOST, lane);
    }
  }

  private void passOn(LaneSlot slot) {
    MemoryMember heir = slot.heir;
    slot.free();
    if (heir != null) {
      slot.assign(heir, topic.nextEpoch());
    }
  }

  private void rebalance(long now) {
    addLanes();
    if (members.isEmpty()) {
      return;
    }
    Spread.plan(members.values(), lanes.values()).forEach((slot, next) -> move(slot, next, now));
  }

  private void move(LaneSlot slot, MemoryMember next, long now) {
    MemoryMember owner = slot.owner;
    Lane lane = slot.lane;
    if (owner == null || lane == null) {
      slot.assign(next, topic.nextEpoch());
    } else if (slot.revoking) {
      slot.heir = next;
    } else if (owner != next && !slot.told) {
      owner.notices.removeIf(notice -> notice.lane().equals(lane));
      slot.assign(next, topic.nextEpoch());
    } else if (owner != next) {
      slot.revoke(owner, lane, next, now);
    }
  }

  private interface Task {
    void run(long now);
  }

  private interface Question<T extends @Nullable Object> {
    T ask(long now);
  }

  private void run(Task task) {
    lock.lock();
    try {
      task.run(clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private <T extends @Nullable Object> T ask(Question<T> question) {
    lock.lock();
    try {
      return question.ask(clock.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /**
   * What a member gets to know.
   *
   * @param gone whether the group gave it up, so that it has to join again
   */
  record News(boolean gone, List<Told> told) {}

  /**
   * A notice as it is told.
   *
   * @param cursor as stored now; null where there is none
   */
  record Told(MemoryMember.Notice notice, @Nullable StoredCursor cursor) {}
}
