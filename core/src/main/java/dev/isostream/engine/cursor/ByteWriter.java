package dev.isostream.engine.cursor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes varints and the like into a growing array. Confined to one thread. */
final class ByteWriter {

  private byte[] bytes = new byte[256];
  private int length;

  void octet(int value) {
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, length * 2);
    }
    bytes[length++] = (byte) value;
  }

  /** An unsigned number, 7 bits an octet, the lowest first. */
  void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      octet((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    octet((int) rest);
  }

  void raw(byte[] value) {
    for (byte b : value) {
      octet(b);
    }
  }

  void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length);
    raw(utf8);
  }

  int length() {
    return length;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
