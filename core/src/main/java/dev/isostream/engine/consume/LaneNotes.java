package dev.isostream.engine.consume;

import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.CursorWriter;
import dev.isostream.engine.cursor.Spot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is noted durably before messages of a lane are handed out, so that a death is found and
 * blamed on the right message (contract D5, D11).
 *
 * <p>A message may be handed out once a stored note covers it. A note covers a block, in dense
 * lanes also of messages that do not exist yet, so that no message waits for a round trip of its
 * own. After a death the open messages of the block are <em>suspects</em>: uncounted, handed out
 * one at a time, each noted alone first. What was noted alone when its process died is
 * <em>convicted</em>.
 *
 * <p>Confined to the loop.
 */
final class LaneNotes<T> {

  /** Beyond so many in hand a note covers everything open instead of naming each. */
  static final int NAMED_MAX = 64;

  private static final int AHEAD_MIN = 64;
  private static final int AHEAD_MAX = 4096;
  private static final long ADAPT_NANOS = 20_000_000L;

  private final boolean dense;
  private final Set<Spot> unmet = new HashSet<>();
  private long unmetFrom;
  private long unmetTo;
  private int suspectsOpen;

  private long handedTo = Long.MIN_VALUE;
  private long storedTo = Long.MIN_VALUE;
  private long writtenTo = Long.MIN_VALUE;
  private int handedSinceAdapted;
  private long adaptedNanos;
  private int ahead = AHEAD_MIN;
  private boolean ranOut;
  private long note;
  private long storedNote = -1;
  private int sparseLeft;
  private boolean storedClean = true;
  private @Nullable Spot storedAlone;
  private @Nullable Spot writtenAlone;

  LaneNotes(boolean dense) {
    this.dense = dense;
  }

  // --- suspects

  /** Takes over what a predecessor noted and did not take back: it died. */
  void inherit(CursorState stored) {
    unmet.addAll(stored.noted());
    if (stored.alone() != null) {
      unmet.remove(stored.alone());
    }
    unmetFrom = stored.rangeFrom();
    unmetTo = stored.rangeTo();
  }

  /** Whether a predecessor's note covers messages that were perhaps never stored. */
  boolean inheritedRange() {
    return unmetTo > unmetFrom;
  }

  /**
   * The end of the lane when it was taken over: what is stored later can't have been handed out.
   */
  void boundSuspects(long end) {
    unmetTo = Math.min(unmetTo, end);
  }

  /** A message was read: says whether it is a suspect. */
  boolean meet(HeldDelivery<T> delivery) {
    boolean named = !unmet.isEmpty() && unmet.remove(Spot.of(delivery.source(), dense));
    boolean covered = false;
    if (unmetTo > unmetFrom) {
      long offset = delivery.offset;
      covered = offset >= unmetFrom && offset < unmetTo;
      unmetFrom = Math.max(unmetFrom, Math.min(offset + 1, unmetTo));
    }
    return named || covered;
  }

  void suspectOpened() {
    suspectsOpen++;
  }

  void suspectCleared() {
    suspectsOpen--;
  }

  /** How many spots of a predecessor's note have not been read again. */
  int unmet() {
    return unmet.size();
  }

  /** How many messages that were read are suspects still. */
  int suspectsOpen() {
    return suspectsOpen;
  }

  // --- notes

  /** Whether a stored note covers this message. */
  boolean covers(HeldDelivery<T> delivery) {
    boolean covered =
        dense
            ? delivery.offset < storedTo
            : delivery.notedLast == note && delivery.notedFirst <= storedNote;
    ranOut |= !covered;
    return covered;
  }

  /** Whether the covered block is running out, so that the next note should be stored. */
  boolean runsOut() {
    if (!dense) {
      return sparseLeft == 0;
    }
    return storedTo == Long.MIN_VALUE || handedTo > storedTo - ahead / 2;
  }

  void handed(HeldDelivery<T> delivery) {
    if (dense) {
      handedTo = Math.max(handedTo, delivery.offset + 1);
    } else {
      sparseLeft--;
    }
    handedSinceAdapted++;
  }

  /** The block follows the pace: larger when messages waited for a note, smaller when few came. */
  private void adaptAhead(long nowNanos) {
    if (ranOut) {
      ahead = Math.min(AHEAD_MAX, ahead * 2);
      ranOut = false;
    }
    long elapsed = nowNanos - adaptedNanos;
    if (elapsed >= ADAPT_NANOS) {
      long needed = 2L * handedSinceAdapted * ADAPT_NANOS / elapsed;
      ahead = (int) Math.max(AHEAD_MIN, Math.max(needed, ahead / 2));
      ahead = Math.min(AHEAD_MAX, ahead);
      adaptedNanos = nowNanos;
      handedSinceAdapted = 0;
    }
  }

  /**
   * Writes the note of a commit.
   *
   * @param offered how many messages are on their way out or in hand
   * @param base the cursor's place; in dense lanes its offset
   * @param limit in dense lanes the furthest offset that the cursor can describe, else how many
   *     messages can be noted
   * @param quiet nothing is to be handed out before the next commit
   */
  void write(
      CursorWriter out,
      Window<T> window,
      int offered,
      long base,
      long limit,
      boolean quiet,
      @Nullable HeldDelivery<T> alone,
      long nowNanos) {
    for (Spot spot : unmet) {
      if (!dense || spot.offset() >= base) {
        out.noted(spot);
      }
    }
    adaptAhead(nowNanos);
    writtenAlone = alone == null ? null : Spot.of(alone.source(), dense);
    if (writtenAlone != null) {
      out.alone(writtenAlone);
    }
    if (dense) {
      writeDense(out, window, offered, base, limit, quiet, alone);
    } else {
      writeSparse(out, window, quiet || alone != null ? 0 : (int) limit);
    }
    // From here on either note may be the stored one: what counts is what both say.
    storedTo = Math.min(storedTo, writtenTo);
    storedClean = storedClean && writtenAlone == null;
    if (storedAlone != null && !storedAlone.equals(writtenAlone)) {
      storedAlone = null;
    }
  }

  private void writeDense(
      CursorWriter out,
      Window<T> window,
      int offered,
      long base,
      long limit,
      boolean quiet,
      @Nullable HeldDelivery<T> alone) {
    boolean named = offered + suspectsOpen <= NAMED_MAX;
    if (named && offered + suspectsOpen > 0) {
      window.writeNoted(out);
    }
    long from = named ? Math.max(base, handedTo) : base;
    boolean closed = quiet || alone != null;
    if (unmetTo > unmetFrom) {
      // The predecessor's block goes on being noted until it has been met. What stands in front of
      // it must not have to wait for that: the window may have no room for the rest of the block.
      out.range(closed && named ? Math.max(base, unmetFrom) : base, unmetTo);
      writtenTo = closed ? Math.max(base, handedTo) : unmetTo;
      return;
    }
    long to = closed ? from : Math.min(from + ahead, limit);
    to = Math.max(to, handedTo);
    out.range(from, to);
    writtenTo = to;
  }

  private void writeSparse(CursorWriter out, Window<T> window, int max) {
    note++;
    if (max == 0) {
      window.writeNoted(out);
      return;
    }
    List<HeldDelivery<T>> noted = window.nextToNote(max);
    for (HeldDelivery<T> delivery : noted) {
      out.noted(Spot.of(delivery.source(), false));
      if (delivery.notedLast != note - 1) {
        delivery.notedFirst = note;
      }
      delivery.notedLast = note;
    }
    sparseLeft = noted.size() / 2;
  }

  /**
   * What became of the commit whose note was written last; it is stored for certain, or perhaps.
   */
  void stored(boolean certain) {
    if (certain) {
      storedTo = writtenTo;
      storedNote = note;
      storedAlone = writtenAlone;
      storedClean = writtenAlone == null;
    }
  }

  /** Whether no message of this lane is, or may be, noted as alone in hand. */
  boolean isClean() {
    return storedClean;
  }

  /** Whether this message is stored as the only one in hand. */
  boolean isAlone(HeldDelivery<T> delivery) {
    return storedAlone != null && storedAlone.equals(Spot.of(delivery.source(), dense));
  }
}
