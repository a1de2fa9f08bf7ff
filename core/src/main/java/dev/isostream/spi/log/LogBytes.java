package dev.isostream.spi.log;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes what goes into a {@link OperationLog}; the static methods read it, bounded by what is
 * there.
 */
public final class LogBytes {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  /** Empty. */
  public LogBytes() {}

  /** Bytes that are not what they should be. */
  public static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** Eight bytes. */
  public LogBytes number(long value) {
    try {
      out.writeLong(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** One byte, from 0 to 255. */
  public LogBytes octet(int value) {
    bytes.write(value);
    return this;
  }

  /** A text, or none. */
  public LogBytes text(@Nullable String value) {
    return block(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes, or none. */
  public LogBytes block(byte @Nullable [] value) {
    try {
      out.writeInt(value == null ? -1 : value.length);
      if (value != null) {
        out.write(value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** All of it. */
  public byte[] done() {
    return bytes.toByteArray();
  }

  /** Reads a {@link #number(long)}. Fails: {@link MalformedException}, as all of these. */
  public static long number(ByteBuffer in) {
    require(in, Long.BYTES);
    return in.getLong();
  }

  /** Reads an {@link #octet(int)}. */
  public static int octet(ByteBuffer in) {
    require(in, 1);
    return Byte.toUnsignedInt(in.get());
  }

  /** How many of something follow, each of one byte at least. */
  public static int count(ByteBuffer in) {
    long count = number(in);
    if (count < 0 || count > in.remaining()) {
      throw new MalformedException("a count of " + count);
    }
    return (int) count;
  }

  /** Reads a {@link #block(byte[])}. */
  public static byte @Nullable [] blockOrNull(ByteBuffer in) {
    require(in, Integer.BYTES);
    int length = in.getInt();
    if (length == -1) {
      return null;
    }
    if (length < 0) {
      throw new MalformedException("a length of " + length);
    }
    require(in, length);
    byte[] value = new byte[length];
    in.get(value);
    return value;
  }

  /** Reads a block that has to be there. */
  public static byte[] block(ByteBuffer in) {
    byte[] value = blockOrNull(in);
    if (value == null) {
      throw new MalformedException("nothing where something is needed");
    }
    return value;
  }

  /** Reads a {@link #text(String)}. */
  public static @Nullable String textOrNull(ByteBuffer in) {
    byte[] value = blockOrNull(in);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /** Reads a text that has to be there. */
  public static String text(ByteBuffer in) {
    return new String(block(in), StandardCharsets.UTF_8);
  }

  private static void require(ByteBuffer in, int length) {
    if (in.remaining() < length) {
      throw new MalformedException("only " + in.remaining() + " of " + length + " bytes");
    }
  }
}
