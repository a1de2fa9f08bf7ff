package dev.isostream.engine.publish;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.engine.WireHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tells a send from all others: the producer's id and a number within it (contract P4).
 *
 * @param producer 1 to 64 letters, digits, {@code _} and {@code -}
 * @param sequence 0 or more
 */
record SendId(String producer, long sequence) {

  private static final int MAX_PRODUCER = 64;
  private static final int MAX_DIGITS = 19;

  /**
   * The id in these headers; null where there is none, or anything about it is malformed: anybody
   * can write there (contract E5).
   */
  static @Nullable SendId of(Headers headers) {
    byte[] producer = single(headers.asList(), WireHeaders.PRODUCER);
    byte[] sequence = single(headers.asList(), WireHeaders.SEQUENCE);
    if (producer == null || sequence == null || !isProducer(producer)) {
      return null;
    }
    long number = number(sequence);
    return number < 0 ? null : new SendId(new String(producer, StandardCharsets.US_ASCII), number);
  }

  private static byte @Nullable [] single(List<Header> headers, String name) {
    byte[] value = null;
    boolean found = false;
    for (Header header : headers) {
      if (header.name().equals(name)) {
        if (found) {
          return null;
        }
        found = true;
        value = header.value();
      }
    }
    return value;
  }

  private static boolean isProducer(byte[] text) {
    if (text.length == 0 || text.length > MAX_PRODUCER) {
      return false;
    }
    for (byte c : text) {
      boolean legal =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-';
      if (!legal) {
        return false;
      }
    }
    return true;
  }

  /** The decimal number; -1 where it is none, or beyond 63 bits. */
  private static long number(byte[] digits) {
    if (digits.length == 0 || digits.length > MAX_DIGITS) {
      return -1;
    }
    long number = 0;
    for (byte c : digits) {
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number; // 19 digits that overflow are negative
  }
}
