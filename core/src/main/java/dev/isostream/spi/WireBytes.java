package dev.isostream.spi;

import dev.isostream.Header;
import dev.isostream.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How bytes are written where a broker has texts or maps only. What is read may come from anywhere
 * (contract E5). Stateless.
 */
public final class WireBytes {

  private WireBytes() {}

  /**
   * Headers as bytes, byte for byte and in their order (contract P6): each is the length of its
   * name, its name in UTF-8, the length of its value or -1 for none, and its value; lengths take
   * four bytes, the highest first.
   */
  public static byte[] pack(Headers headers) {
    List<byte[]> names = new ArrayList<>();
    int size = 0;
    for (Header header : headers) {
      byte[] name = header.name().getBytes(StandardCharsets.UTF_8);
      byte[] value = header.value();
      names.add(name);
      size += 2 * Integer.BYTES + name.length + (value == null ? 0 : value.length);
    }
    ByteBuffer packed = ByteBuffer.allocate(size);
    int at = 0;
    for (Header header : headers) {
      byte[] name = names.get(at++);
      packed.putInt(name.length).put(name);
      byte[] value = header.value();
      packed.putInt(value == null ? -1 : value.length);
      if (value != null) {
        packed.put(value);
      }
    }
    return packed.array();
  }

  /** The headers of {@link #pack}; null where the bytes are none. */
  public static @Nullable Headers unpack(byte[] packed) {
    ByteBuffer in = ByteBuffer.wrap(packed);
    List<Header> all = new ArrayList<>();
    while (in.remaining() >= 2 * Integer.BYTES) {
      byte[] name = take(in, in.getInt());
      if (name == null || name.length == 0 || in.remaining() < Integer.BYTES) {
        return null;
      }
      int length = in.getInt();
      byte[] value = length == -1 ? null : take(in, length);
      if (length != -1 && value == null) {
        return null;
      }
      all.add(header(new String(name, StandardCharsets.UTF_8), value));
    }
    return in.hasRemaining() ? null : Headers.of(all);
  }

  /** A header, whose value may be absent. */
  @SuppressWarnings("NullAway") // that it may is not seen in another module
  public static Header header(String name, byte @Nullable [] value) {
    return new Header(name, value);
  }

  private static byte @Nullable [] take(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      return null;
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** The text that these bytes are in UTF-8; null where they are none. */
  public static @Nullable String text(byte[] bytes) {
    for (byte each : bytes) {
      if (each < 0) {
        return decoded(bytes);
      }
    }
    return new String(bytes, StandardCharsets.ISO_8859_1); // ASCII, which is the quickest
  }

  private static @Nullable String decoded(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
