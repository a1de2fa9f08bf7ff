package dev.isostream.engine.publish;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.InvalidRequestException;
import dev.isostream.LimitExceededException;
import dev.isostream.Limits;
import dev.isostream.engine.WireHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with a message is found before anything is sent (contract P7). Immutable. */
final class MessageChecks {

  private final String topic;
  private final int maxMessageBytes;
  private final int maxKeyBytes;
  private final long maxInFlightBytes;

  MessageChecks(String topic, Limits limits, long maxInFlightBytes) {
    this.topic = topic;
    this.maxMessageBytes = limits.maxMessageBytes();
    this.maxKeyBytes = limits.maxKeyBytes();
    this.maxInFlightBytes = maxInFlightBytes;
  }

  /**
   * The message's bytes: key, payload and headers.
   *
   * <p>Fails: {@link LimitExceededException}, {@link InvalidRequestException}.
   */
  int size(byte @Nullable [] key, byte @Nullable [] payload, Headers headers) {
    long bytes = payload == null ? 0 : payload.length;
    if (key != null) {
      if (key.length > maxKeyBytes) {
        throw keyTooLong(key.length);
      }
      bytes += key.length;
    }
    if (!headers.isEmpty()) {
      bytes += size(headers.asList());
    }
    if (bytes > maxMessageBytes || bytes > maxInFlightBytes) {
      throw tooLarge(bytes);
    }
    return (int) bytes;
  }

  private long size(List<Header> headers) {
    long bytes = 0;
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      if (WireHeaders.isReserved(header.name())) {
        throw reserved(header.name());
      }
      byte[] value = header.value();
      bytes += utf8Length(header.name()) + (value == null ? 0 : value.length);
    }
    return bytes;
  }

  private static int utf8Length(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x800 && !Character.isSurrogate(c)) {
        bytes += 2;
      } else if (c >= 0x80) {
        bytes++; // each half of a surrogate pair: two of the pair's four bytes
      }
    }
    return bytes;
  }

  private LimitExceededException keyTooLong(int length) {
    return new LimitExceededException(
        "The key of a message to topic "
            + topic
            + " has "
            + length
            + " bytes; maxKeyBytes is "
            + maxKeyBytes
            + ". Nothing was sent; use a shorter key.");
  }

  private LimitExceededException tooLarge(long bytes) {
    boolean byBackend = bytes > maxMessageBytes;
    return new LimitExceededException(
        "A message to topic "
            + topic
            + " has "
            + bytes
            + " bytes of payload, key and headers; "
            + (byBackend ? "maxMessageBytes" : "the producer's maxInFlightBytes")
            + " is "
            + (byBackend ? maxMessageBytes : maxInFlightBytes)
            + ". Nothing was sent; "
            + (byBackend ? "send less, or raise the backend's limit." : "send less, or raise it."));
  }

  private InvalidRequestException reserved(String name) {
    return new InvalidRequestException(
        "The header name \""
            + name
            + "\" of a message to topic "
            + topic
            + " is reserved: names that start with \""
            + WireHeaders.PREFIX
            + "\" are Isostream's own. Nothing was sent; use another name.");
  }
}
