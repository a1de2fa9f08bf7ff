package dev.isostream.engine.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that was sent, handed out, settled and stored, to be judged by {@link Checkers}. */
final class History {

  final Map<String, Send> sends = new LinkedHashMap<>();
  final Map<String, GroupHistory> groups = new LinkedHashMap<>();
  final List<String> violations = new ArrayList<>();
  private final SimWorld world;

  History(SimWorld world) {
    this.world = world;
  }

  /** One send. */
  static final class Send {
    final String id;
    final String producer;
    final int number;
    final @Nullable String key;
    boolean confirmed;
    boolean failed;
    boolean maybeStored;

    Send(String id, String producer, int number, @Nullable String key) {
      this.id = id;
      this.producer = producer;
      this.number = number;
      this.key = key;
    }
  }

  /** What the application did with a delivery. */
  enum Outcome {
    /** Nothing yet, or ever. */
    OPEN,
    ACKED,
    FAILED,
    CONDEMNED,
    /** It found it settled, taken back or stale. */
    TOO_LATE
  }

  /** One delivery. */
  static final class Attempt {
    final long at;
    final int number;
    final String member;
    final long epoch;
    final int batch;
    final Story story;
    Outcome outcome = Outcome.OPEN;
    long settledAt = -1;
    long delay;
    long doneAt = -1;
    boolean stale;
    boolean lastOfTenure;
    long diedAt = -1;

    Attempt(Story story, long at, int number, String member, long epoch, int batch) {
      this.story = story;
      this.at = at;
      this.number = number;
      this.member = member;
      this.epoch = epoch;
      this.batch = batch;
    }

    /** Whether the broker says that the member had the lane. */
    boolean isOwners() {
      return epoch >= 0;
    }

    @Override
    public String toString() {
      return "#%d at %.6f by %s in epoch %d: %s"
          .formatted(number, at / 1e9, member, epoch, outcome);
    }
  }

  /** The end of a message by the engine's hand: dead-lettered or discarded. */
  record Ending(long at, String member, boolean deadLettered, int attempts) {}

  /** What became of one stored message in one group. */
  static final class Story {
    final SimRecord message;
    final List<Attempt> attempts = new ArrayList<>();
    final List<Ending> endings = new ArrayList<>();
    long coveredAt = -1;

    Story(SimRecord message) {
      this.message = message;
    }

    @Override
    public String toString() {
      return message
          + " of key "
          + message.keyText()
          + " covered "
          + (coveredAt < 0 ? "never" : "%.6f".formatted(coveredAt / 1e9))
          + " "
          + attempts
          + endings;
    }
  }

  /** A lane in a member's hands, as the broker sees it. */
  static final class Tenure {
    final String lane;
    final long epoch;
    final String memberId;
    final long from;
    long to = Long.MAX_VALUE;
    boolean inGoodOrder;
    boolean overran;

    /** Since when the owner has been asked to give it back; -1 where it was not. */
    long leavingSince = -1;

    /** The message that is stored as in hand alone, or about to be. */
    @Nullable SimRecord alone;

    Tenure(String lane, long epoch, String memberId, long from) {
      this.lane = lane;
      this.epoch = epoch;
      this.memberId = memberId;
      this.from = from;
    }
  }

  /** One group. */
  static final class GroupHistory {
    final GroupPlan plan;
    final Map<Long, Story> stories = new TreeMap<>();
    final Map<String, Map<Long, Tenure>> tenures = new HashMap<>();
    final Map<String, Integer> inHand = new HashMap<>();
    long readyAt = -1;

    /** Of a group that starts at the latest: the first message that it has to get. */
    long firstNumber = Long.MAX_VALUE;

    GroupHistory(GroupPlan plan) {
      this.plan = plan;
    }

    Story story(SimRecord message) {
      return stories.computeIfAbsent(message.number, n -> new Story(message));
    }

    /**
     * A member that was closed at this time used its drain limit up: what it left behind is not in
     * good order.
     */
    void overran(String label, long closedAt) {
      for (Map<Long, Tenure> lane : tenures.values()) {
        for (Tenure tenure : lane.values()) {
          if (tenure.memberId.startsWith(label + "-") && tenure.to > closedAt) {
            tenure.overran = true;
            tenure.inGoodOrder = false;
          }
        }
      }
    }

    /** How often its owner was lost after it had noted this message as the next in hand. */
    int convictions(SimRecord message, long before) {
      int count = 0;
      String lane = message.in.topic.shape.oneLane() ? SimTopic.QUEUE : message.in.name;
      for (Tenure tenure : tenures.getOrDefault(lane, Map.of()).values()) {
        count += tenure.alone == message && !tenure.inGoodOrder && tenure.to <= before ? 1 : 0;
      }
      return count;
    }

    @Nullable Tenure tenure(SimRecord message, long epoch) {
      String lane = message.in.topic.shape.oneLane() ? SimTopic.QUEUE : message.in.name;
      return tenures.getOrDefault(lane, Map.of()).get(epoch);
    }
  }

  void violation(String rule, String what) {
    violations.add("%s: at %.6f: %s".formatted(rule, world.now() / 1e9, what));
  }

  @Nullable GroupHistory of(SimGroup group) {
    return groups.get(group.name);
  }

  void covered(SimGroup group, SimRecord message, long epoch) {
    GroupHistory history = of(group);
    if (history != null) {
      history.story(message).coveredAt = world.now();
    }
  }

  void uncovered(SimGroup group, SimRecord message, long epoch) {
    violation("G7", group.name + ": " + message + " was settled, and is not any more");
  }

  void assigned(SimGroup group, String lane, long epoch, String memberId) {
    world.trace("broker: %s/%s epoch %d to %s", group.name, lane, epoch, memberId);
    GroupHistory history = of(group);
    if (history != null) {
      Map<Long, Tenure> all = history.tenures.computeIfAbsent(lane, l -> new TreeMap<>());
      Tenure before = all.get(epoch - 1);
      if (before != null && before.to == Long.MAX_VALUE) {
        before.to = world.now();
      }
      all.put(epoch, new Tenure(lane, epoch, memberId, world.now()));
    }
  }

  void unassigned(SimGroup group, String lane, long epoch, boolean inGoodOrder) {
    world.trace("broker: %s/%s epoch %d over, good %s", group.name, lane, epoch, inGoodOrder);
    GroupHistory history = of(group);
    Tenure tenure = tenure(history, lane, epoch);
    if (history != null && tenure != null) {
      long limit = history.plan.drainLimit().toNanos();
      tenure.to = world.now();
      tenure.overran |= tenure.leavingSince >= 0 && tenure.to - tenure.leavingSince >= limit;
      tenure.inGoodOrder = inGoodOrder && !tenure.overran;
    }
  }

  private static @Nullable Tenure tenure(@Nullable GroupHistory history, String lane, long epoch) {
    return history == null ? null : history.tenures.getOrDefault(lane, Map.of()).get(epoch);
  }

  /** The owner was asked to give a lane back. */
  void leaving(SimGroup group, String lane, long epoch) {
    GroupHistory history = of(group);
    Tenure tenure = tenure(history, lane, epoch);
    if (tenure != null && tenure.leavingSince < 0) {
      tenure.leavingSince = world.now();
    }
  }

  /** The owner noted this message as the one in hand, or none. */
  void noted(SimGroup group, String lane, long epoch, @Nullable SimRecord alone) {
    GroupHistory history = of(group);
    Tenure tenure = tenure(history, lane, epoch);
    if (tenure != null) {
      tenure.alone = alone;
    }
  }

  /** Whether a member has no more to do with a message. */
  boolean isOver(SimGroup group, SimRecord message, String memberId) {
    GroupHistory history = of(group);
    Story story = history == null ? null : history.story(message);
    Send send = sends.get(message.id());
    // Copies, and failed sends that land late, are left out without anybody being told.
    boolean leftOut = message.copy || send == null || !send.confirmed;
    if (story == null || story.coveredAt >= 0 || leftOut) {
      return true;
    }
    for (Attempt attempt : story.attempts) {
      if (attempt.outcome == Outcome.ACKED && memberId.startsWith(attempt.member + "-")) {
        return true;
      }
    }
    return !story.endings.isEmpty();
  }

  /**
   * So many messages of so many lanes were told to a member that it has not settled.
   *
   * <p>A member that is just not full is told one poll more. A full one goes on with lanes below
   * their fair share, as it was with the lanes that there were then: at least k for the k-th of
   * those that it has now, in the order in which they came. The first lane stands for what was held
   * when the member got full.
   */
  void held(SimGroup group, String memberId, int messages, int lanes, int poll) {
    GroupHistory history = of(group);
    if (history == null) {
      return;
    }
    int most = 0;
    for (int k = 1; k <= lanes; k++) {
      int share = Math.max(1, history.plan.maxInFlight() / k);
      most += share - 1 + poll;
    }
    if (messages > most) {
      violation(
          "F1",
          "%s holds %d messages of %d lanes, at most %d are allowed"
              .formatted(memberId, messages, lanes, most));
    }
  }

  /** A process died: what it had in hand it has no more. */
  void died(String process) {
    for (GroupHistory group : groups.values()) {
      for (Story story : group.stories.values()) {
        for (Attempt attempt : story.attempts) {
          if (attempt.member.startsWith(process + "/") && attempt.diedAt < 0) {
            attempt.diedAt = world.now();
          }
        }
      }
    }
  }
}
