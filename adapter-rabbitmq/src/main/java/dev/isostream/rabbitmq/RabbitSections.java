package dev.isostream.rabbitmq;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where in an AMQP 1.0 message the key and the payload are. Each message is asked for these two, so
 * they are found without decoding the rest of it, which costs ten times as much.
 *
 * <p>Knows what producers commonly write: described by numbers, one binary body, properties whose
 * names are text. Anything else, malformed bytes included, is {@link RabbitCodec}'s: {@link #of}
 * finds null. Looks at each byte at most once and never beyond the end. Immutable.
 *
 * <p>Source: AMQP 1.0, part 1, section 1.6 (a type's code says how wide its value is), and part 3,
 * section 3.2 (the sections of a message).
 */
final class RabbitSections {

  private static final int DESCRIBED = 0x00;
  private static final int SMALL_ULONG = 0x53;

  private static final int HEADER = 0x70;
  private static final int PROPERTIES = 0x73;
  private static final int APPLICATION_PROPERTIES = 0x74;
  private static final int DATA = 0x75;
  private static final int FOOTER = 0x78;

  private static final int BINARY_8 = 0xa0;
  private static final int STRING_8 = 0xa1;
  private static final int BINARY_32 = 0xb0;
  private static final int STRING_32 = 0xb1;
  private static final int MAP_8 = 0xc1;
  private static final int MAP_32 = 0xd1;

  private static final byte[] KEY = RabbitRecords.KEY.getBytes(StandardCharsets.UTF_8);
  private static final byte[] PAYLOAD = RabbitRecords.PAYLOAD.getBytes(StandardCharsets.UTF_8);

  private final byte[] bytes;

  /** The next byte to look at. */
  private int at;

  private int keyBegin = -1;
  private int keyEnd;
  private int payloadBegin = -1;
  private int payloadEnd;

  /** Where the last value's content begins and ends, and its type. */
  private int type;

  private int begin;
  private int end;

  private RabbitSections(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Null where the message is of another kind, or none. */
  static @Nullable RabbitSections of(byte[] message) {
    RabbitSections sections = new RabbitSections(message);
    return sections.find() ? sections : null;
  }

  /** A copy; null where the message has none. */
  byte @Nullable [] key() {
    return keyBegin < 0 ? null : Arrays.copyOfRange(bytes, keyBegin, keyEnd);
  }

  /** A copy. */
  byte[] payload() {
    return Arrays.copyOfRange(bytes, payloadBegin, payloadEnd);
  }

  private boolean find() {
    while (at < bytes.length) {
      if (bytes.length - at < 4
          || bytes[at] != DESCRIBED
          || bytes[at + 1] != SMALL_ULONG
          || !section(bytes[at + 2])) {
        return false;
      }
    }
    return payloadBegin >= 0;
  }

  private boolean section(int code) {
    at += 3;
    if (!value(bytes.length)) {
      return false;
    }
    if (code == APPLICATION_PROPERTIES) {
      return properties();
    }
    if (code == DATA) {
      boolean first = payloadBegin < 0;
      payloadBegin = begin;
      payloadEnd = end;
      return first && (type == BINARY_8 || type == BINARY_32);
    }
    return (code >= HEADER && code <= PROPERTIES) || code == FOOTER;
  }

  /** What the value that was found last holds: a size, already seen, a count, and pairs. */
  private boolean properties() {
    if (type != MAP_8 && type != MAP_32) {
      return false;
    }
    int after = end;
    int countWidth = type == MAP_8 ? 1 : 4;
    if (after - begin < countWidth) {
      return false;
    }
    at = begin + countWidth;
    while (at < after) {
      if (!value(after) || (type != STRING_8 && type != STRING_32)) {
        return false;
      }
      boolean key = is(KEY);
      if (is(PAYLOAD) || !value(after)) {
        return false;
      }
      if (key) {
        if (!isBytes()) {
          return false;
        }
        keyBegin = begin;
        keyEnd = end;
      }
    }
    return true;
  }

  private boolean isBytes() {
    return switch (type) {
      case BINARY_8, BINARY_32, STRING_8, STRING_32 -> true;
      default -> false;
    };
  }

  private boolean is(byte[] name) {
    return Arrays.equals(bytes, begin, end, name, 0, name.length);
  }

  /** Steps over a value that must end before the limit; the upper half of its type is its width. */
  private boolean value(int limit) {
    if (at >= limit) {
      return false;
    }
    type = bytes[at++] & 0xff;
    int size =
        switch (type >> 4) {
          case 0x4 -> 0;
          case 0x5 -> 1;
          case 0x6 -> 2;
          case 0x7 -> 4;
          case 0x8 -> 8;
          case 0x9 -> 16;
          case 0xa, 0xc, 0xe -> size8(limit);
          case 0xb, 0xd, 0xf -> size32(limit);
          default -> -1; // described, or no type at all
        };
    if (size < 0 || size > limit - at) {
      return false;
    }
    begin = at;
    end = at + size;
    at = end;
    return true;
  }

  private int size8(int limit) {
    return at < limit ? bytes[at++] & 0xff : -1;
  }

  private int size32(int limit) {
    if (limit - at < 4) {
      return -1;
    }
    int size =
        (bytes[at] & 0xff) << 24
            | (bytes[at + 1] & 0xff) << 16
            | (bytes[at + 2] & 0xff) << 8
            | (bytes[at + 3] & 0xff);
    at += 4;
    return size;
  }
}
