package dev.isostream.spi.log;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A record of a log, as it is stored: a version, a kind, and an id by which a writer knows its own
 * (contract E5: whoever may write there may write anything).
 *
 * @param body what follows; reading moves its position
 */
public record LogRecord(Kind kind, UUID id, ByteBuffer body) {

  private static final byte VERSION = 1;
  private static final byte OPERATION = 1;
  private static final byte SNAPSHOT = 2;
  private static final int HEAD_BYTES = 2 + 2 * Long.BYTES;

  /** What a record is. */
  public enum Kind {
    /** To be applied to the {@link LogState}. */
    OPERATION,
    /** A part of a state that was written anew; see {@link LogSnapshots}. */
    SNAPSHOT
  }

  /** Null for what is not ours, or of a later version, which this one can't judge. */
  public static @Nullable LogRecord of(byte[] stored) {
    ByteBuffer in = ByteBuffer.wrap(stored);
    if (in.remaining() < HEAD_BYTES || in.get() != VERSION) {
      return null;
    }
    byte kind = in.get();
    if (kind != OPERATION && kind != SNAPSHOT) {
      return null;
    }
    UUID id = new UUID(in.getLong(), in.getLong());
    return new LogRecord(kind == OPERATION ? Kind.OPERATION : Kind.SNAPSHOT, id, in.slice());
  }

  /** An operation, to be stored. */
  public static byte[] operation(UUID id, byte[] operation) {
    return stored(OPERATION, id, operation);
  }

  static byte[] snapshot(UUID id, byte[] part) {
    return stored(SNAPSHOT, id, part);
  }

  private static byte[] stored(byte kind, UUID id, byte[] body) {
    return ByteBuffer.allocate(HEAD_BYTES + body.length)
        .put(VERSION)
        .put(kind)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .put(body)
        .array();
  }
}
