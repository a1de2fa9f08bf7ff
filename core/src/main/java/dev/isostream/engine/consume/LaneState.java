package dev.isostream.engine.consume;

import dev.isostream.Position;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.CursorWriter;
import dev.isostream.engine.cursor.Failures;
import dev.isostream.engine.cursor.GroupRecord;
import dev.isostream.engine.cursor.Spot;
import dev.isostream.engine.publish.DuplicateFilter;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One lane in this member's hands: its window, its chains, its cursor. Confined to the loop, but
 * for {@link #isStopped}.
 */
final class LaneState<T> {

  /** What a failing or outgoing message may take in the stored state, in bytes. */
  private static final int MESSAGE_BYTES = 8;

  private static final int SPARSE_MESSAGE_BYTES = 40;
  private static final int FIXED_BYTES = 72;

  /** In hand for so long it is shown to be. */
  private static final long BEGUN_NANOS = Committer.INTERVAL_NANOS / 2;

  /** A cumulative ack that waits to be durable. */
  record Cumulative(CompletableFuture<Settlement> whole, StaleDeliveryException stale) {}

  /** Where the lane is in its life. */
  enum Phase {
    /** Assigned; where to start is being found out. */
    OPENING,
    /** Being read. */
    ACTIVE,
    /** On its way to another member: nothing more is handed out. */
    REVOKING,
    /** Not this member's any more. */
    GONE
  }

  final MemberLoop<T> member;
  final Lane lane;
  final Window<T> window;
  final KeyChains<T> chains;
  final ReadyLine<T> ready = new ReadyLine<>();
  final LaneNotes<T> notes;
  final @Nullable DuplicateFilter duplicates;
  final List<HeldDelivery<T>> awaitingCommit = new ArrayList<>();
  final List<Cumulative> cumulative = new ArrayList<>();
  private final DriverTraits traits;
  private final boolean dense;
  private final int openWindow;

  Phase phase = Phase.OPENING;
  Place place = Place.Origin.INSTANCE;
  CursorState stored = CursorState.empty();
  @Nullable GroupRecord groupRecord;
  boolean pinned;
  boolean dirty;
  boolean reading;
  boolean paused;
  boolean ended;
  private boolean windowFullTold;
  int offered;
  long offeredBytes;
  int failing;
  int condemned;
  long openBytes;
  private final List<Position> newlySettled = new ArrayList<>();
  private @Nullable Position sample;
  private long base;
  private int recordBytes;
  private volatile boolean stopped;
  private long commitsWritten;
  private long commitStored;

  LaneState(MemberLoop<T> member, Lane lane, @Nullable DuplicateFilter duplicates) {
    this.member = member;
    this.lane = lane;
    this.traits = member.traits();
    this.dense = traits.densePositions();
    this.openWindow = member.driver().limits().openWindow();
    this.window = new Window<>(dense);
    this.chains = new KeyChains<>(member.settings().ordering());
    this.notes = new LaneNotes<>(dense);
    this.duplicates = duplicates;
  }

  boolean dense() {
    return dense;
  }

  /** Whether nothing of this lane is to be handed out any more; from any thread. */
  boolean isStopped() {
    return stopped;
  }

  void stop() {
    stopped = true;
  }

  /** Starts from a place, found just now or stored. */
  void startAt(Place start) {
    place = start;
    if (dense && start instanceof Place.At at) {
      base = at.position().word(0);
      sample = at.position();
    } else if (dense && start instanceof Place.After after) {
      base = after.position().word(0) + 1;
      sample = after.position();
    }
  }

  void keepRecord(@Nullable GroupRecord kept) {
    groupRecord = kept;
    recordBytes = kept == null ? 0 : new CursorWriter(kept, 0).toBytes().length;
  }

  /** What would be read next, as far as that can be said; null where it can't. */
  @Nullable Position expected() {
    if (dense) {
      Position known = sample;
      return known == null
          ? null
          : known.withWords(window.isEmpty() ? base : window.lastOffset() + 1);
    }
    if (place instanceof Place.After after) {
      return after.position();
    }
    return place instanceof Place.At at ? at.position() : null;
  }

  // --- what was stored about a message that is read again

  boolean wasSettled(SourceRecord message) {
    return !stored.settled().isEmpty() && stored.settled().remove(Spot.of(message, dense));
  }

  @Nullable Failures failuresOf(SourceRecord message) {
    return stored.failures().isEmpty() ? null : stored.failures().remove(Spot.of(message, dense));
  }

  // --- settling

  /** Marks an open message as settled. */
  void settled(HeldDelivery<T> delivery) {
    if (traits.acksIndividually()) {
      newlySettled.add(delivery.position());
    }
    if (dense && sample == null) {
      sample = delivery.position();
    }
    openBytes -= delivery.bytes;
    if (window.settle(delivery)) {
      advance();
    } else if (member.source().showsSettled()) {
      newlySettled.add(delivery.position());
    }
    dirty = true;
  }

  private void advance() {
    windowFullTold = false;
    if (dense) {
      base = window.lastSettledOffset() + 1;
    } else {
      Position last = window.lastSettled();
      if (last != null) {
        place = new Place.After(last);
      }
    }
  }

  /** Whether all of it is settled. */
  boolean isSettled() {
    return window.isEmpty();
  }

  // --- admission (contract D4: openWindow)

  /**
   * Whether handing this out keeps the cursor within its size, whatever becomes of the messages in
   * hand.
   */
  boolean admits(HeldDelivery<T> delivery) {
    return admits(delivery, offered);
  }

  /** Whether it would be admitted if nothing else were in hand; if not, the open window is full. */
  boolean wouldAdmit(HeldDelivery<T> delivery) {
    return admits(delivery, 0);
  }

  private boolean admits(HeldDelivery<T> delivery, int inHand) {
    if (delivery.sequence == window.first()) {
      // Whatever room there is: everything else waits for this one.
      return true;
    }
    // Where the broker keeps what is settled, the cursor has room for any number of them, but who
    // takes over has to read them all again.
    if (traits.acksIndividually() && delivery.sequence - window.first() >= openWindow) {
      return false;
    }
    if (!dense) {
      return inHand + 1 + notes.suspectsOpen() <= sparseRoom();
    }
    long messages = window.next() - window.first();
    long room = room() - (long) MESSAGE_BYTES * (inHand + 1);
    long span = delivery.offset - base;
    return Math.min(span / 8 + 1, 3 * messages) <= room;
  }

  /** The open window is full: the lane waits, and says so once (contract D4). */
  void tellWindowFull() {
    if (!windowFullTold) {
      windowFullTold = true;
      member.told().windowFull(lane.name(), window.open());
    }
    member.committer().want(this);
  }

  /** Bytes of state that are left for settled messages and those in hand. */
  private long room() {
    int suspects = Math.min(notes.suspectsOpen(), LaneNotes.NAMED_MAX);
    return (long) traits.cursorBytes()
        - FIXED_BYTES
        - recordBytes
        - (long) MESSAGE_BYTES * (failing + suspects);
  }

  /** In lanes that are not dense: how many messages can be noted. */
  private long sparseRoom() {
    long entries = ((long) traits.cursorBytes() - FIXED_BYTES - recordBytes) / SPARSE_MESSAGE_BYTES;
    long others = (long) failing + notes.unmet() + stored.failures().size();
    if (!traits.acksIndividually()) {
      others += window.next() - window.first() - window.open() + stored.settled().size();
    }
    return entries - others;
  }

  /** How far a note may reach with what is in hand now: an offset, or a number of messages. */
  private long limit() {
    return dense
        ? base + Math.max(0, room() - (long) MESSAGE_BYTES * offered) * 8
        : Math.max(1, sparseRoom());
  }

  // --- the cursor

  /**
   * The cursor as it is now.
   *
   * @param quiet nothing is handed out before the next commit
   */
  LaneCommit commit(boolean quiet, @Nullable HeldDelivery<T> alone, long nowNanos) {
    CursorWriter out = new CursorWriter(groupRecord, member.instance());
    if (dense) {
      Position known = sample;
      if (known != null) {
        place = new Place.At(known.withWords(base));
      }
      out.dense(base);
    }
    window.write(out, !traits.acksIndividually(), quiet, nowNanos);
    if (!traits.acksIndividually()) {
      for (Spot spot : stored.settled()) {
        if (!dense || spot.offset() >= base) {
          out.settled(spot);
        }
      }
    }
    stored
        .failures()
        .forEach(
            (spot, failures) -> {
              if (!dense || spot.offset() >= base) {
                out.failures(spot, failures);
              }
            });
    notes.write(out, window, offered, base, limit(), quiet, alone, nowNanos);
    List<Position> settledNow = List.copyOf(newlySettled);
    newlySettled.clear();
    commitsWritten++;
    dirty = false;
    return new LaneCommit(
        lane,
        new StoredCursor(place, out.toBytes()),
        settledNow,
        begun(nowNanos),
        ended && isSettled());
  }

  /**
   * What is open and has been begun with, for brokers that show it. Most deliveries are settled
   * before they count; one that is not is in the commit after the next at the latest.
   */
  private List<Position> begun(long nowNanos) {
    if (!traits.acksIndividually()) {
      return List.of();
    }
    List<Position> begun = new ArrayList<>();
    if (!window.begun(nowNanos - BEGUN_NANOS, begun)) {
      member.committer().want(this);
    }
    return begun;
  }

  /** The commit that was written last is stored. */
  void committed() {
    commitStored = commitsWritten;
    notes.stored(true);
    pinned = true;
  }

  /** The next commit is the first to say how often this one failed. */
  void countInNextCommit(HeldDelivery<T> delivery) {
    delivery.countedBy = commitsWritten + 1;
  }

  /** Whether what it failed before is stored, so that a death does not take it along. */
  boolean isCounted(HeldDelivery<T> delivery) {
    return delivery.countedBy <= commitStored;
  }

  /** The commit was not stored: what it said is to be said again. */
  void notCommitted(LaneCommit commit) {
    newlySettled.addAll(commit.settled());
    dirty = true;
  }
}
