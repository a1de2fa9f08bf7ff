package dev.isostream.engine.cursor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects what is to be stored beside a place, and writes it. Confined to one thread. */
public final class CursorWriter {

  static final int FORM_LIST = 0;
  static final int FORM_BITS = 1;

  private final @Nullable GroupRecord groupRecord;
  private final long instance;
  private boolean dense;
  private long base;
  private final TreeSet<Spot> settled = new TreeSet<>();
  private long[] settledOffsets = new long[16];
  private int settledOffsetCount;
  private final SortedMap<Spot, Failures> failures = new TreeMap<>();
  private final List<Spot> noted = new ArrayList<>();
  private long rangeFrom;
  private long rangeTo;
  private @Nullable Spot alone;

  /**
   * Starts.
   *
   * @param groupRecord null on lanes other than the anchor
   * @param instance who writes the note
   */
  public CursorWriter(@Nullable GroupRecord groupRecord, long instance) {
    this.groupRecord = groupRecord;
    this.instance = instance;
  }

  /** The lane's positions are dense, and count from here. */
  public CursorWriter dense(long base) {
    this.dense = true;
    this.base = base;
    return this;
  }

  /** A settled message behind the place; in dense lanes in stored order. */
  public void settled(long offset) {
    if (settledOffsetCount == settledOffsets.length) {
      settledOffsets = Arrays.copyOf(settledOffsets, settledOffsetCount * 2);
    }
    settledOffsets[settledOffsetCount++] = offset;
  }

  /** A settled message behind the place. */
  public void settled(Spot spot) {
    if (dense) {
      settled(spot.offset());
    } else {
      settled.add(spot);
    }
  }

  /** An open message with failed attempts. */
  public void failures(Spot spot, Failures failed) {
    failures.put(spot, failed);
  }

  /** A message that is in hand, or may be before the next commit. */
  public void noted(Spot spot) {
    noted.add(spot);
  }

  /** In dense lanes: messages from here (inclusive) to there (exclusive) may be handed out. */
  public void range(long from, long to) {
    this.rangeFrom = from;
    this.rangeTo = to;
  }

  /** The one message that is in hand, alone. */
  public void alone(Spot spot) {
    this.alone = spot;
  }

  /** Writes. */
  public byte[] toBytes() {
    Arrays.sort(settledOffsets, 0, settledOffsetCount);
    boolean anySettled = settledOffsetCount > 0 || !settled.isEmpty();
    int flags =
        (dense ? CursorState.FLAG_DENSE : 0)
            | (groupRecord != null ? CursorState.FLAG_RECORD : 0)
            | (anySettled ? CursorState.FLAG_SETTLED : 0)
            | (failures.isEmpty() ? 0 : CursorState.FLAG_FAILURES)
            | (noted.isEmpty() ? 0 : CursorState.FLAG_NOTED)
            | (rangeTo > rangeFrom ? CursorState.FLAG_RANGE : 0)
            | (alone != null ? CursorState.FLAG_ALONE : 0);
    ByteWriter out = new ByteWriter();
    out.octet(CursorState.VERSION);
    out.octet(flags);
    if (dense) {
      out.varint(base);
    }
    if (groupRecord != null) {
      groupRecord.write(out);
    }
    SpotCodec spots = new SpotCodec(dense, base);
    if (anySettled) {
      writeSettled(out, spots);
    }
    if (!failures.isEmpty()) {
      out.varint(failures.size());
      spots.restart();
      for (Map.Entry<Spot, Failures> each : failures.entrySet()) {
        spots.write(out, each.getKey());
        Failures failed = each.getValue();
        boolean delayed = failed.delayMillis() > 0;
        out.varint((long) failed.count() << 2 | (delayed ? 2 : 0) | (failed.deadly() ? 1 : 0));
        if (delayed) {
          out.varint(failed.delayMillis());
        }
      }
    }
    if ((flags & CursorState.FLAGS_NOTE) != 0) {
      out.varint(instance);
    }
    if (!noted.isEmpty()) {
      writeAll(out, spots, inOrder(noted));
    }
    if (rangeTo > rangeFrom) {
      out.varint(rangeFrom - base);
      out.varint(rangeTo - rangeFrom);
    }
    if (alone != null) {
      spots.restart();
      spots.write(out, alone);
    }
    return out.toBytes();
  }

  private void writeSettled(ByteWriter out, SpotCodec spots) {
    if (!dense) {
      out.octet(FORM_LIST);
      writeAll(out, spots, settled);
      return;
    }
    int listBytes = listBytes();
    long span = settledOffsets[settledOffsetCount - 1] - base;
    if (span / 8 + 1 >= listBytes) {
      out.octet(FORM_LIST);
      out.varint(settledOffsetCount);
      long last = base;
      for (int i = 0; i < settledOffsetCount; i++) {
        out.varint(settledOffsets[i] - last);
        last = settledOffsets[i];
      }
      return;
    }
    out.octet(FORM_BITS);
    byte[] bits = new byte[(int) (span / 8) + 1];
    for (int i = 0; i < settledOffsetCount; i++) {
      int bit = (int) (settledOffsets[i] - base);
      bits[bit >> 3] |= (byte) (1 << (bit & 7));
    }
    out.varint(bits.length);
    out.raw(bits);
  }

  private int listBytes() {
    long last = base;
    int bytes = 3;
    for (int i = 0; i < settledOffsetCount; i++) {
      bytes += varintBytes(settledOffsets[i] - last);
      last = settledOffsets[i];
    }
    return bytes;
  }

  /** In order, each once: for what comes in order already, or nearly so, cheaper than a set. */
  private static List<Spot> inOrder(List<Spot> spots) {
    spots.sort(null);
    List<Spot> each = new ArrayList<>(spots.size());
    Spot last = null;
    for (Spot spot : spots) {
      if (!spot.equals(last)) {
        each.add(spot);
      }
      last = spot;
    }
    return each;
  }

  private static void writeAll(ByteWriter out, SpotCodec spots, Collection<Spot> all) {
    out.varint(all.size());
    spots.restart();
    for (Spot spot : all) {
      spots.write(out, spot);
    }
  }

  /** How many octets a number takes. */
  public static int varintBytes(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value | 1)) / 7);
  }
}
