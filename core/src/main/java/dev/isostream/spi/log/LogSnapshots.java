package dev.isostream.spi.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * States that are written anew in a log, so that its beginning may go: when it is time to, and
 * those that arrive, in parts. Of one reader of the log, and guarded by it.
 */
public final class LogSnapshots {

  /** A state is written after so many bytes of operations, and not before four times its size. */
  public static final long AFTER_BYTES = 2L << 20;

  private static final int TIMES_ITS_SIZE = 4;
  private static final int PART_BYTES = 256 << 10;

  /** More states that began and have not arrived are none that are still being written. */
  private static final int MOST_ARRIVING = 8;

  private final int words;
  private final Map<UUID, Parts> arriving = new LinkedHashMap<>();
  private long bytes;
  private boolean writing;

  /**
   * Of a log whose places are so many numbers.
   *
   * @param words 1 for an offset
   */
  public LogSnapshots(int words) {
    this.words = words;
  }

  /**
   * A state that has arrived.
   *
   * @param asOf the place of the last operation in it
   * @param state see {@link LogState#read}; empty where it was not wanted
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, not kept
  public record Snapshot(UUID id, long[] asOf, byte[] state) {}

  private static final class Parts {
    final byte[] @Nullable [] parts;
    int missing;

    Parts(int count) {
      this.parts = new byte[count][];
      this.missing = count;
    }

    byte[] join() {
      int size = Arrays.stream(parts).mapToInt(part -> part == null ? 0 : part.length).sum();
      ByteBuffer all = ByteBuffer.allocate(size);
      for (byte[] part : parts) {
        if (part != null) {
          all.put(part);
        }
      }
      return all.array();
    }
  }

  /** Counts what was stored since the last state. */
  public void count(int storedBytes) {
    bytes += storedBytes;
  }

  /** Whether parts of a state have arrived, and not all. */
  public boolean areArriving() {
    return !arriving.isEmpty();
  }

  /** Forgets parts that have arrived; for a reader that has missed something. */
  public void forget() {
    arriving.clear();
  }

  /**
   * Takes a part. Malformed ones change nothing.
   *
   * @param wanted whether the reader has use for the state, else it is only counted
   * @return the state, with its last part
   */
  public @Nullable Snapshot arrived(LogRecord part, boolean wanted) {
    ByteBuffer in = part.body();
    if (in.remaining() < words * Long.BYTES + 2 * Short.BYTES) {
      return null;
    }
    long[] asOf = new long[words];
    for (int i = 0; i < words; i++) {
      asOf[i] = in.getLong();
    }
    int number = in.getShort();
    int count = in.getShort();
    if (number < 0 || number >= count) {
      return null;
    }
    Parts parts = arriving.computeIfAbsent(part.id(), id -> new Parts(count));
    if (parts.parts.length != count || parts.parts[number] != null) {
      return null;
    }
    byte[] body = new byte[wanted ? in.remaining() : 0];
    in.get(body);
    parts.parts[number] = body;
    if (--parts.missing > 0) {
      if (arriving.size() > MOST_ARRIVING) {
        arriving.remove(arriving.keySet().iterator().next());
      }
      return null;
    }
    arriving.remove(part.id());
    bytes = 0;
    writing = false;
    return new Snapshot(part.id(), asOf, parts.join());
  }

  /**
   * The state as records to be stored in this order, if it is time to write it; else none.
   *
   * @param asOf the place of the last operation that was applied
   */
  public List<byte[]> due(LogState state, UUID id, long... asOf) {
    if (writing || bytes < AFTER_BYTES) {
      return List.of();
    }
    byte[] all = state.write();
    if (bytes < (long) TIMES_ITS_SIZE * all.length) {
      return List.of();
    }
    writing = true;
    int count = Math.max(1, (all.length + PART_BYTES - 1) / PART_BYTES);
    List<byte[]> records = new ArrayList<>(count);
    for (int part = 0; part < count; part++) {
      int from = part * PART_BYTES;
      int length = Math.min(PART_BYTES, all.length - from);
      ByteBuffer body = ByteBuffer.allocate(words * Long.BYTES + 2 * Short.BYTES + length);
      for (long word : asOf) {
        body.putLong(word);
      }
      body.putShort((short) part).putShort((short) count).put(all, from, length);
      records.add(LogRecord.snapshot(id, body.array()));
    }
    return records;
  }
}
