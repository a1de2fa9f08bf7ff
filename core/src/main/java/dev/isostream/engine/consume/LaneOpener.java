package dev.isostream.engine.consume;

import dev.isostream.IncompatibleGroupException;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.StartAt;
import dev.isostream.engine.consume.LaneState.Phase;
import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.GroupRecord;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.spi.Admin.GroupInfo;
import dev.isostream.spi.Admin.LaneInfo;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where a lane starts that came to this member, and makes the group where there is none.
 *
 * <p>The owner of the anchor lane makes the group, by storing its record with the lane's first
 * cursor; the owners of other lanes wait for the record, so that all start by the same words
 * (contract G1, G2), and a member whose settings differ is refused (G10). Confined to the loop.
 */
final class LaneOpener<T> {

  private static final Duration ASK_AGAIN = Duration.ofMillis(50);
  private static final Duration ASK_AGAIN_MAX = Duration.ofSeconds(2);

  /** By how much the clocks of members, senders and brokers may differ. */
  private static final Duration CLOCKS = Duration.ofSeconds(10);

  private final MemberLoop<T> member;
  private final GroupRecord wanted;
  private final Outage outage;
  private final List<LaneState<T>> waitingForRecord = new ArrayList<>();
  private @Nullable GroupRecord groupRecord;
  private boolean asking;
  private boolean groupExists;
  private Duration askAgain = ASK_AGAIN;

  LaneOpener(MemberLoop<T> member, GroupRecord wanted) {
    this.member = member;
    this.wanted = wanted;
    this.outage = member.outage();
  }

  /** Finds out whether the group exists, also where no lane comes to this member (contract G1). */
  void begin() {
    member.later(
        ASK_AGAIN,
        () -> {
          if (!groupExists) {
            ask();
          }
        });
  }

  /** A lane came; {@code cursor} as stored, null where the group has none there. */
  void open(LaneState<T> lane, @Nullable StoredCursor cursor) {
    try {
      if (cursor != null) {
        resume(lane, cursor);
      } else if (lane.lane.anchor()) {
        lane.keepRecord(wanted);
        groupRecord = wanted;
        start(lane, place(lane, wanted));
      } else if (groupRecord != null) {
        startByRecord(lane, groupRecord);
      } else {
        waitingForRecord.add(lane);
        ask();
      }
    } catch (MessagingException e) {
      member.fail(e);
    }
  }

  private void resume(LaneState<T> lane, StoredCursor cursor) {
    CursorState stored = CursorState.read(cursor.state());
    stored.forgetNoteOf(member.instance());
    lane.stored = stored;
    lane.startAt(cursor.place());
    if (lane.lane.anchor()) {
      GroupRecord found = stored.groupRecord();
      if (found != null) {
        refuseIfDifferent(member.settings().group(), found, wanted);
      }
      groupRecord = found == null ? wanted : found;
      lane.keepRecord(groupRecord);
    }
    lane.pinned = true;
    member.intake().convict(lane);
    lane.notes.inherit(stored);
    if (lane.notes.inheritedRange()) {
      locate(lane, Place.Latest.INSTANCE, end -> resumeSuspecting(lane, end));
    } else {
      member.activate(lane);
    }
  }

  private void resumeSuspecting(LaneState<T> lane, Place end) {
    if (end instanceof Place.At at) {
      lane.notes.boundSuspects(at.position().word(0));
    } else if (end instanceof Place.After after) {
      lane.notes.boundSuspects(after.position().word(0) + 1);
    }
    member.activate(lane);
  }

  /** Fails with {@link IncompatibleGroupException} where the settings differ (contract G10). */
  static void refuseIfDifferent(String group, GroupRecord found, GroupRecord wanted) {
    List<String> differences = found.differences(wanted);
    if (!differences.isEmpty()) {
      throw new IncompatibleGroupException(
          "Group \""
              + group
              + "\" has other settings than this member: "
              + String.join("; ", differences)
              + ". Use the group's settings, another group, or delete the group while no member is"
              + " live.");
    }
  }

  private void startByRecord(LaneState<T> lane, GroupRecord found) {
    if (found.partitions().contains(lane.lane.name())) {
      start(lane, place(lane, found));
      return;
    }
    Set<String> now = new TreeSet<>(found.partitions());
    now.add(lane.lane.name());
    member.told().partitionsChanged(found.partitions(), now);
    start(lane, Place.Earliest.INSTANCE);
  }

  /** A lane has ended, so others take its place, which may not be had for a while (contract O1). */
  void replaced() {
    GroupRecord known = groupRecord;
    if (known == null) {
      return;
    }
    member
        .driver()
        .admin()
        .describeTopic(member.topicName())
        .thenAccept(
            found ->
                found.ifPresent(
                    topic -> member.onLoop(() -> compare(known.partitions(), topic.partitions()))));
  }

  private void compare(Set<String> before, List<String> now) {
    if (!before.containsAll(now)) {
      member.told().partitionsChanged(before, new TreeSet<>(now));
    }
  }

  private Place place(LaneState<T> lane, GroupRecord made) {
    return switch (made.start()) {
      case EARLIEST -> Place.Earliest.INSTANCE;
      case LATEST -> Place.Latest.INSTANCE;
      case TIMESTAMP -> new Place.Since(Instant.ofEpochMilli(made.startMillis()));
      case POSITIONS -> positionPlace(lane.lane.name());
    };
  }

  private Place positionPlace(String partition) {
    if (member.settings().start() instanceof StartAt.At at) {
      for (Position position : at.positions()) {
        if (position.partition().equals(partition)) {
          return at.inclusive() ? new Place.At(position) : new Place.After(position);
        }
      }
    }
    return Place.Earliest.INSTANCE;
  }

  private void start(LaneState<T> lane, Place place) {
    locate(
        lane,
        place,
        found -> {
          lane.startAt(found);
          member.activate(lane);
        });
  }

  private void locate(LaneState<T> lane, Place place, Consumer<Place> then) {
    String name = lane.lane.name();
    member
        .driver()
        .admin()
        .locate(member.topicName(), Map.of(name, place))
        .whenComplete(
            (found, failure) -> member.onLoop(() -> located(lane, place, then, found, failure)));
  }

  private void located(
      LaneState<T> lane,
      Place place,
      Consumer<Place> then,
      @Nullable Map<String, Place> found,
      @Nullable Throwable failure) {
    if (lane.phase == Phase.GONE) {
      return;
    }
    Place answer = found == null ? null : found.get(lane.lane.name());
    String doing = "finding where group \"" + member.settings().group() + "\" starts";
    if (answer != null) {
      member.told().works(outage, doing, Duration.ZERO);
      then.accept(answer);
    } else if (failure == null || Errors.kindOf(failure).isRetriable()) {
      if (failure != null) {
        member.told().retried(outage, Errors.translate(doing, failure));
      }
      member.later(ASK_AGAIN, () -> locate(lane, place, then));
    } else {
      member.fail(Errors.translate(doing, failure));
    }
  }

  // --- waiting for others

  /** Asks what is stored of the group, unless an answer is on its way. */
  private void ask() {
    if (asking || member.isEnding()) {
      return;
    }
    asking = true;
    member
        .driver()
        .admin()
        .describeGroup(member.topicName(), member.settings().group())
        .whenComplete(
            (info, failure) ->
                member.onLoop(() -> answered(info == null ? Optional.empty() : info, failure)));
  }

  private void answered(Optional<GroupInfo> info, @Nullable Throwable failure) {
    asking = false;
    if (failure != null && !Errors.kindOf(failure).isRetriable()) {
      member.fail(Errors.translate("reading group \"" + member.settings().group() + "\"", failure));
      return;
    }
    if (info.isPresent()) {
      try {
        GroupRecord found = recordOf(info.get());
        if (found != null && groupRecord == null) {
          refuseIfDifferent(member.settings().group(), found, wanted);
          groupRecord = found;
        }
        complete(info.get());
      } catch (MessagingException e) {
        member.fail(e);
        return;
      }
    }
    if (groupRecord != null && !waitingForRecord.isEmpty()) {
      List<LaneState<T>> waiting = List.copyOf(waitingForRecord);
      waitingForRecord.clear();
      for (LaneState<T> lane : waiting) {
        if (lane.phase == Phase.OPENING) {
          startByRecord(lane, groupRecord);
        }
      }
    }
    if (!waitingForRecord.isEmpty() || !groupExists) {
      member.later(askAgain, this::ask);
      askAgain = askAgain.multipliedBy(2);
      askAgain = askAgain.compareTo(ASK_AGAIN_MAX) > 0 ? ASK_AGAIN_MAX : askAgain;
    }
  }

  /** The group's record as stored on the anchor lane; null where there is none. */
  static @Nullable GroupRecord recordOf(GroupInfo info) {
    for (LaneInfo lane : info.lanes().values()) {
      if (lane.anchor()) {
        return CursorState.read(lane.cursor().state()).groupRecord();
      }
    }
    return null;
  }

  // --- the group exists (contract G1)

  /** A commit came through: perhaps the group exists now. */
  void checkExists() {
    if (groupExists) {
      return;
    }
    Set<String> pinned = new HashSet<>();
    boolean recordStored = false;
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.pinned) {
        pinned.add(lane.lane.name());
        recordStored |= lane.lane.anchor();
      }
    }
    if (recordStored && isWhole(pinned)) {
      exists();
    } else {
      ask();
    }
  }

  private void complete(GroupInfo info) {
    if (recordOf(info) != null && isWhole(info.lanes().keySet())) {
      exists();
    }
  }

  /** Whether the group is durable with these lanes pinned, its record being stored. */
  private boolean isWhole(Set<String> pinned) {
    GroupRecord known = groupRecord;
    if (known == null) {
      return false;
    }
    // A lane that is no partition carries all of them.
    if (member.traits().acksIndividually()
        && !pinned.isEmpty()
        && Collections.disjoint(pinned, known.partitions())) {
      return true;
    }
    if (pinned.containsAll(known.partitions())) {
      return true;
    }
    LeasedLanes<T> leased = member.leased();
    // Leases of children are not to be had before their parents have ended, which may take a
    // receiver that waits for this. Where lanes start at the same place then, the record says so.
    return leased != null
        && (known.start() == GroupRecord.Start.EARLIEST
            || (isSaid(known) && leased.arePromised(known.partitions(), pinned)));
  }

  /**
   * Whether a lane of the topic that is opened later starts at what lies behind its start now. What
   * is published from now on is later than a time that is past, by whoever's clock; positions are
   * those of this member. (From latest on there is nothing to be settled in a parent, which ends.)
   */
  private boolean isSaid(GroupRecord known) {
    return switch (known.start()) {
      case TIMESTAMP -> known.startMillis() <= member.now().minus(CLOCKS).toEpochMilli();
      case POSITIONS -> true;
      case EARLIEST, LATEST -> false;
    };
  }

  private void exists() {
    if (!groupExists) {
      groupExists = true;
      member.groupExists();
    }
  }
}
