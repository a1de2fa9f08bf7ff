package dev.isostream.engine.cursor;

import dev.isostream.UnsupportedCursorException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads what {@link ByteWriter} wrote, trusting nothing: every count is checked against what is
 * left before anything is allocated (contract E5). Confined to one thread.
 */
final class ByteReader {

  private final byte[] bytes;
  private int at;

  ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int octet() {
    if (at >= bytes.length) {
      throw malformed("it ends too early");
    }
    return bytes[at++] & 0xFF;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int octet = octet();
      value |= (long) (octet & 0x7F) << shift;
      if ((octet & 0x80) == 0) {
        return value;
      }
    }
    throw malformed("a number is longer than 64 bits");
  }

  int smallVarint(int max) {
    long value = varint();
    if (value < 0 || value > max) {
      throw malformed("the number " + value + " is out of range");
    }
    return (int) value;
  }

  <E> E choice(List<E> values) {
    int index = octet();
    if (index >= values.size()) {
      throw malformed("no choice " + index);
    }
    return values.get(index);
  }

  byte[] raw(int length) {
    if (length > remaining()) {
      throw malformed("it ends too early");
    }
    byte[] value = new byte[length];
    System.arraycopy(bytes, at, value, 0, length);
    at += length;
    return value;
  }

  String text(int maxBytes) {
    return new String(raw(smallVarint(maxBytes)), StandardCharsets.UTF_8);
  }

  int remaining() {
    return bytes.length - at;
  }

  UnsupportedCursorException malformed(String why) {
    return new UnsupportedCursorException(
        "The group's stored cursor is malformed at byte "
            + at
            + " of "
            + bytes.length
            + ": "
            + why
            + ". It is not guessed at; reset the group to go on.");
  }
}
