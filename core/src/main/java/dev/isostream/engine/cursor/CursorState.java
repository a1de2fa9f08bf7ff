package dev.isostream.engine.cursor;

import dev.isostream.UnsupportedCursorException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is stored beside a cursor's place, as read. Mutable, so that a lane can strike out what it
 * has met again; confined to the member's loop.
 *
 * <p>Version 1: an octet of version, an octet of {@link #FLAG_RECORD flags}, then the parts in the
 * order of the flags. Numbers are varints; in dense lanes they count from the cursor's own place
 * ({@code base}), which comes first.
 */
public final class CursorState {

  static final int VERSION = 1;
  static final int FLAG_DENSE = 1;
  static final int FLAG_RECORD = 2;
  static final int FLAG_SETTLED = 4;
  static final int FLAG_FAILURES = 8;
  static final int FLAG_NOTED = 16;
  static final int FLAG_RANGE = 32;
  static final int FLAG_ALONE = 64;
  static final int FLAGS_NOTE = FLAG_NOTED | FLAG_RANGE | FLAG_ALONE;

  private final @Nullable GroupRecord groupRecord;
  private final Set<Spot> settled = new HashSet<>();
  private final Map<Spot, Failures> failures = new HashMap<>();
  private final Set<Spot> noted = new HashSet<>();
  private final long notedBy;
  private @Nullable Spot alone;
  private long rangeFrom;
  private long rangeTo;

  private CursorState(
      @Nullable GroupRecord groupRecord,
      long notedBy,
      @Nullable Spot alone,
      long rangeFrom,
      long rangeTo) {
    this.groupRecord = groupRecord;
    this.notedBy = notedBy;
    this.alone = alone;
    this.rangeFrom = rangeFrom;
    this.rangeTo = rangeTo;
  }

  /** Nothing beside the place. */
  public static CursorState empty() {
    return new CursorState(null, 0, null, 0, 0);
  }

  /**
   * The group's record; null where this lane is not the anchor, or another client made the group.
   */
  public @Nullable GroupRecord groupRecord() {
    return groupRecord;
  }

  /** Settled messages behind the place. */
  public Set<Spot> settled() {
    return settled;
  }

  /** Open messages with failed attempts. */
  public Map<Spot, Failures> failures() {
    return failures;
  }

  /**
   * Leaves out the note when this instance wrote it itself. Its process lives, so nothing of what
   * it had in hand was killed; the broker only took the lane away and gave it back, as after a
   * restart.
   */
  public void forgetNoteOf(long instance) {
    if (notedBy == instance) {
      noted.clear();
      alone = null;
      rangeFrom = 0;
      rangeTo = 0;
    }
  }

  /** Messages that were in hand, or could have been, when this was stored. */
  public Set<Spot> noted() {
    return noted;
  }

  /** The message that was in hand alone; null where none was. */
  public @Nullable Spot alone() {
    return alone;
  }

  /** In dense lanes: from here on messages could have been handed out without a further word … */
  public long rangeFrom() {
    return rangeFrom;
  }

  /** … up to here, exclusive. */
  public long rangeTo() {
    return rangeTo;
  }

  /** The state for a reset: the group's record, nothing else (contract R7). */
  public static byte[] resetState(byte[] oldState) {
    GroupRecord groupRecord = read(oldState).groupRecord();
    return new CursorWriter(groupRecord, 0).toBytes();
  }

  /** How many messages behind the place are settled, for lag. Reads as {@link #read}. */
  public static int settledCount(byte[] state) {
    return read(state).settled().size();
  }

  /**
   * Reads a stored state; an empty one is that of a cursor another client stored.
   *
   * <p>Fails: {@link UnsupportedCursorException} for a newer version or malformed bytes (contract
   * W3, E5).
   */
  public static CursorState read(byte[] bytes) {
    if (bytes.length == 0) {
      return empty();
    }
    ByteReader in = new ByteReader(bytes);
    int version = in.octet();
    if (version != VERSION) {
      throw new UnsupportedCursorException(
          "The group's stored cursor has version "
              + version
              + "; this version of Isostream reads version "
              + VERSION
              + ". Upgrade this member, or reset the group.");
    }
    int flags = in.octet();
    boolean dense = (flags & FLAG_DENSE) != 0;
    long base = dense ? in.varint() : 0;
    GroupRecord groupRecord = (flags & FLAG_RECORD) != 0 ? GroupRecord.read(in) : null;
    SpotCodec spots = new SpotCodec(dense, base);
    Set<Spot> settled = new HashSet<>();
    if ((flags & FLAG_SETTLED) != 0) {
      readSettled(in, spots, settled);
    }
    Map<Spot, Failures> failures = new HashMap<>();
    if ((flags & FLAG_FAILURES) != 0) {
      int count = in.smallVarint(in.remaining());
      spots.restart();
      for (int i = 0; i < count; i++) {
        Spot spot = spots.read(in);
        long packed = in.varint();
        long delay = (packed & 2) != 0 ? in.varint() : 0;
        int failed = (int) Math.min(packed >>> 2, Integer.MAX_VALUE - 1);
        failures.put(spot, new Failures(failed, (packed & 1) != 0, delay));
      }
    }
    long notedBy = (flags & FLAGS_NOTE) != 0 ? in.varint() : 0;
    Set<Spot> noted = new TreeSet<>();
    if ((flags & FLAG_NOTED) != 0) {
      spots.readAll(in, noted);
    }
    long from = 0;
    long to = 0;
    if ((flags & FLAG_RANGE) != 0) {
      from = base + in.varint();
      to = from + in.varint();
    }
    spots.restart();
    Spot alone = (flags & FLAG_ALONE) != 0 ? spots.read(in) : null;
    CursorState state = new CursorState(groupRecord, notedBy, alone, from, to);
    state.settled.addAll(settled);
    state.failures.putAll(failures);
    state.noted.addAll(noted);
    return state;
  }

  private static void readSettled(ByteReader in, SpotCodec spots, Set<Spot> settled) {
    int form = in.octet();
    if (form == CursorWriter.FORM_LIST) {
      spots.readAll(in, settled);
    } else if (form == CursorWriter.FORM_BITS) {
      BitSet bits = BitSet.valueOf(in.raw(in.smallVarint(in.remaining())));
      for (int i = bits.nextSetBit(0); i >= 0; i = bits.nextSetBit(i + 1)) {
        settled.add(Spot.dense(spots.base() + i));
      }
    } else {
      throw in.malformed("no form " + form);
    }
  }
}
