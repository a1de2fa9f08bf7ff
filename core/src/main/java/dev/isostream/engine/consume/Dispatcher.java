package dev.isostream.engine.consume;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what may be handed out next, over all lanes of a member. Confined to the loop.
 *
 * <p>A <em>run</em> is a chain of deliveries linked by {@code nextInRun}: each may be shown to the
 * application once the one before it is settled, or, to a pull receiver, with it.
 */
final class Dispatcher<T> {

  /** After so long without a question the gate is given up. */
  private static final long UNASKED_NANOS = 100_000_000L;

  private final MemberLoop<T> member;
  private final SoloGate gate;
  private final int maxMessages;
  private final long maxBytes;
  private int turnOf;
  private int offered;
  private long offeredBytes;
  private boolean inside;
  private boolean holdsGate;
  private boolean wantsGate;
  private boolean asked;
  private long askedNanos;
  private boolean clearing;
  private final LonelyWait<T> lonely = new LonelyWait<>();
  private @Nullable HeldDelivery<T> alone;
  private @Nullable HeldDelivery<T> only;

  Dispatcher(MemberLoop<T> member, SoloGate gate) {
    this.member = member;
    this.gate = gate;
    this.maxMessages = member.settings().maxInFlightMessages();
    this.maxBytes = member.settings().maxInFlightBytes();
  }

  /** How many deliveries are on their way out or in hand. */
  int offered() {
    return offered;
  }

  /** The message that is, or is to be, in hand alone. */
  @Nullable HeldDelivery<T> alone() {
    return alone;
  }

  // --- runs

  /** What a run is put together of. */
  enum Kind {
    /** Of one key. Other runs go on beside it. */
    ONE_KEY,
    /** Of whatever is stored next. Other runs go on beside it. */
    STORED_ORDER,
    /**
     * Of whatever is stored next, one run of a lane at a time: what becomes ready by one run must
     * not be overtaken by the next (contract O5).
     */
    STRICTLY_STORED_ORDER
  }

  /**
   * The next run, the lanes taking turns; null where nothing may be handed out now.
   *
   * @param max its length at most
   */
  @Nullable HeldDelivery<T> nextRun(int max, Kind kind) {
    asked = true;
    if (member.isHalted() || gate.isWantedByOther(member)) {
      return null;
    }
    if (suspectsFirst()) {
      return nextSolo();
    }
    if (clearing) {
      return null;
    }
    List<LaneState<T>> lanes = member.lanes().active();
    for (int i = 0; i < lanes.size(); i++) {
      turnOf = turnOf + 1 < lanes.size() ? turnOf + 1 : 0;
      LaneState<T> lane = lanes.get(turnOf);
      boolean busy = kind == Kind.STRICTLY_STORED_ORDER && lane.offered > 0;
      boolean may = lane.phase == LaneState.Phase.ACTIVE && !busy;
      HeldDelivery<T> first = may ? lane.ready.peek() : null;
      if (first != null && mayOffer(lane, first)) {
        if (!enter()) {
          return null;
        }
        lane.ready.poll();
        return kind == Kind.ONE_KEY ? keyRun(lane, first, max) : storedRun(lane, first, max);
      }
    }
    return null;
  }

  private HeldDelivery<T> keyRun(LaneState<T> lane, HeldDelivery<T> first, int max) {
    offer(lane, first);
    HeldDelivery<T> last = first;
    int length = 1;
    for (HeldDelivery<T> next = first.nextInChain;
        next != null && length < max && next.isReady() && mayOffer(lane, next);
        next = next.nextInChain) {
      offer(lane, next);
      last.nextInRun = next;
      last = next;
      length++;
    }
    last.nextInRun = null;
    return first;
  }

  private HeldDelivery<T> storedRun(LaneState<T> lane, HeldDelivery<T> first, int max) {
    offer(lane, first);
    HeldDelivery<T> last = first;
    int length = 1;
    follow(lane, first);
    while (length < max) {
      HeldDelivery<T> next = lane.ready.peek();
      if (next == null || !mayOffer(lane, next)) {
        break;
      }
      lane.ready.poll();
      offer(lane, next);
      last.nextInRun = next;
      last = next;
      length++;
      follow(lane, next);
    }
    last.nextInRun = null;
    for (HeldDelivery<T> at = first; at != null; at = at.nextInRun) {
      HeldDelivery<T> next = at.nextInChain;
      if (next != null) {
        next.following = false;
      }
    }
    return first;
  }

  /** The next of its key may go in the same run, and in no other (contract O1, O4). */
  private void follow(LaneState<T> lane, HeldDelivery<T> delivery) {
    HeldDelivery<T> next = delivery.nextInChain;
    if (next != null && next.isReady()) {
      next.following = true;
      lane.ready.add(next);
    }
  }

  private boolean mayOffer(LaneState<T> lane, HeldDelivery<T> delivery) {
    if (delivery.suspect || delivery.deadly) {
      return false;
    }
    if (!hasRoom(delivery)) {
      return false;
    }
    if (!lane.admits(delivery)) {
      tellIfFull(lane, delivery);
      return false;
    }
    if (!lane.notes.covers(delivery)) {
      member.committer().wantNow(lane);
      return false;
    }
    return true;
  }

  /** Where nothing in hand is the reason, the lane's window is full, and says so (contract D4). */
  private void tellIfFull(LaneState<T> lane, HeldDelivery<T> delivery) {
    if (!lane.wouldAdmit(delivery)) {
      lane.tellWindowFull();
    }
  }

  /** Whether the bound on what is in hand leaves room (contract F1). */
  private boolean hasRoom(HeldDelivery<T> delivery) {
    return offered < maxMessages && (offered == 0 || offeredBytes + delivery.bytes <= maxBytes);
  }

  private void offer(LaneState<T> lane, HeldDelivery<T> delivery) {
    lane.offeredBytes += delivery.bytes;
    offeredBytes += delivery.bytes;
    delivery.offered = true;
    lane.offered++;
    offered++;
    member.figures().handedOut++;
    if (delivery.attempt > 1) {
      member.figures().redelivered++;
    }
    only = null;
    lane.window.touch(delivery);
    lane.notes.handed(delivery);
    if (lane.notes.runsOut()) {
      member.committer().wantNow(lane);
    } else if (member.traits().acksIndividually()) {
      // The broker is to know what is in hand for long.
      member.committer().want(lane);
    }
  }

  /**
   * A delivery is over, or came back.
   *
   * @param handled the application had it, so that it is no suspect any more
   */
  void over(LaneState<T> lane, HeldDelivery<T> delivery, boolean handled) {
    delivery.offered = false;
    delivery.nextInRun = null;
    lane.offered--;
    offered--;
    lane.offeredBytes -= delivery.bytes;
    offeredBytes -= delivery.bytes;
    only = null;
    lonely.over(delivery);
    if (!handled) {
      member.figures().takenBack++;
    }
    if (delivery.reportedStuck) {
      member.stuck().lookAgain();
    }
    if (handled && delivery.suspect) {
      delivery.suspect = false;
      lane.notes.suspectCleared();
      lane.dirty = true;
    }
    if (delivery == alone) {
      alone = null;
      startClearing();
    }
    leaveIfAsked();
  }

  /** A lane went with what was offered of it. */
  void gone(LaneState<T> lane) {
    offeredBytes -= lane.offeredBytes;
    lane.offeredBytes = 0;
    offered -= lane.offered;
    member.figures().takenBack += lane.offered;
    member.stuck().lookAgain();
    only = null;
    lane.offered = 0;
    if (alone != null && alone.lane == lane) {
      alone = null;
      startClearing();
    }
    leaveIfAsked();
  }

  private boolean enter() {
    if (!inside) {
      inside = gate.enter(member, member::wake);
    }
    return inside;
  }

  /** Makes room for another member that asks for it, if this one has nothing in hand. */
  private void leaveIfAsked() {
    if (inside && offered == 0 && gate.isContended()) {
      leave();
    }
  }

  private void leave() {
    if (inside) {
      inside = false;
      gate.leave(member);
    }
  }

  // --- one at a time (contract D5, D11)

  /**
   * Whether nothing may be handed out but a message alone: a suspect is ready, or one is in hand
   * alone.
   */
  private boolean suspectsFirst() {
    if (alone == null) {
      HeldDelivery<T> suspect = readySuspect();
      if (suspect == null) {
        withdraw();
        return false;
      }
      if (offered == 0 && takeGate(true)) {
        alone = suspect;
      }
      return true;
    }
    if (isLonely(alone) && anyReady()) {
      giveWay();
    }
    return true;
  }

  private @Nullable HeldDelivery<T> nextSolo() {
    HeldDelivery<T> chosen = alone;
    if (chosen == null || chosen.offered) {
      return null;
    }
    boolean stays = chosen.lane.phase == LaneState.Phase.ACTIVE && chosen.lane.window.holds(chosen);
    // Copies that were read meanwhile may have taken its room; what is to make room again may be an
    // earlier one that waits for its turn behind this one.
    if (!stays || !chosen.isReady() || !chosen.lane.admits(chosen)) {
      alone = null;
      startClearing();
      return null;
    }
    if (!chosen.lane.notes.isAlone(chosen) || !othersClean(chosen.lane)) {
      member.committer().wantNow(chosen.lane);
      wantUncleanLanes();
      return null;
    }
    if (!enter()) {
      return null;
    }
    chosen.nextInRun = null;
    offer(chosen.lane, chosen);
    return chosen;
  }

  private boolean isLonely(HeldDelivery<T> delivery) {
    return delivery.offered && !delivery.suspect && !delivery.deadly;
  }

  private boolean anyReady() {
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.phase == LaneState.Phase.ACTIVE && lane.ready.peek() != null) {
        return true;
      }
    }
    return false;
  }

  private @Nullable HeldDelivery<T> readySuspect() {
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane.phase == LaneState.Phase.ACTIVE) {
        HeldDelivery<T> first = lane.ready.peek();
        if (first != null && (first.suspect || first.deadly)) {
          if (lane.admits(first)) {
            return first;
          }
          tellIfFull(lane, first);
        }
      }
    }
    return null;
  }

  private boolean takeGate(boolean insist) {
    holdsGate = holdsGate || gate.tryAlone(member, insist, member::recalled);
    wantsGate = insist && !holdsGate;
    return holdsGate;
  }

  /** Does not wait for the gate any more. */
  private void withdraw() {
    if (wantsGate) {
      wantsGate = false;
      gate.release(member);
    }
  }

  /**
   * Gives the gate up, or stops waiting for it, where the application asks for nothing meanwhile:
   * the other members of the process must not wait for this one's application.
   */
  private long giveUpGate(long nowNanos) {
    HeldDelivery<T> chosen = alone;
    boolean reserved = chosen != null && !chosen.offered;
    if (!wantsGate && !reserved) {
      return Long.MAX_VALUE;
    }
    if (asked && !member.isHalted()) {
      askedNanos = nowNanos;
    }
    asked = false;
    long due = askedNanos + UNASKED_NANOS;
    if (nowNanos < due && !member.isHalted()) {
      return due;
    }
    withdraw();
    if (reserved) {
      alone = null;
      startClearing();
    }
    return Long.MAX_VALUE;
  }

  /**
   * Notes a message as alone that has been in hand by itself for a while.
   *
   * @return when to ask again, in nanoseconds; {@link Long#MAX_VALUE} where there is nothing to ask
   */
  long noteLonely(long nowNanos) {
    leaveIfAsked();
    long next = giveUpGate(nowNanos);
    if (next != Long.MAX_VALUE) {
      return next;
    }
    if (offered != 1 || alone != null || clearing || gate.isWantedByOther(member)) {
      return Long.MAX_VALUE;
    }
    HeldDelivery<T> only = only();
    if (only == null || only.state() != HeldDelivery.OUT) {
      return Long.MAX_VALUE;
    }
    long due = lonely.due(only);
    if (nowNanos < due) {
      return due;
    }
    if (takeGate(false)) {
      alone = only;
      member.committer().wantNow(only.lane);
    }
    return Long.MAX_VALUE;
  }

  private @Nullable HeldDelivery<T> only() {
    if (only == null) {
      for (LaneState<T> lane : member.lanes().active()) {
        if (lane.offered == 1) {
          only = lane.window.firstOffered();
        }
      }
    }
    return only;
  }

  /**
   * Something else wants to go out: the note of the one in hand alone has to be taken back first.
   */
  void giveWay() {
    if (alone != null && isLonely(alone)) {
      lonely.gaveWay(alone, member.nanoTime());
      alone = null;
      startClearing();
    }
  }

  private void startClearing() {
    clearing = true;
    wantUncleanLanes();
    checkCleared();
  }

  private void wantUncleanLanes() {
    for (LaneState<T> lane : member.lanes().active()) {
      if (!lane.notes.isClean() && (alone == null || alone.lane != lane)) {
        member.committer().wantNow(lane);
      }
    }
  }

  private boolean othersClean(LaneState<T> except) {
    for (LaneState<T> lane : member.lanes().active()) {
      if (lane != except && !lane.notes.isClean()) {
        return false;
      }
    }
    return true;
  }

  /** A commit came through, or a lane went: perhaps everything may go on. */
  void checkCleared() {
    if (!clearing || alone != null) {
      return;
    }
    for (LaneState<T> lane : member.lanes().active()) {
      if (!lane.notes.isClean()) {
        return;
      }
    }
    clearing = false;
    if (holdsGate) {
      holdsGate = false;
      gate.release(member);
    }
  }

  /** The member ends: the gate must not stay with it. */
  void close() {
    alone = null;
    leave();
    holdsGate = false;
    gate.release(member);
  }

  /** The deliveries of a run as a list. */
  static <T> List<HeldDelivery<T>> listOf(HeldDelivery<T> first) {
    List<HeldDelivery<T>> all = new ArrayList<>();
    for (HeldDelivery<T> at = first; at != null; at = at.nextInRun) {
      all.add(at);
    }
    return all;
  }
}
