package dev.isostream.engine;

import dev.isostream.Codec;
import dev.isostream.Codecs;
import dev.isostream.DecodeException;
import dev.isostream.InvalidRequestException;
import dev.isostream.spi.SourceRecord;
import org.jspecify.annotations.Nullable;

/** Payloads to bytes and back, with what may be wrong about them. Stateless. */
public final class Payloads {

  private Payloads() {}

  /**
   * The bytes to send; null for an absent payload, where the codec knows those.
   *
   * <p>Fails: {@link InvalidRequestException} (contract P7).
   */
  public static <T extends @Nullable Object> byte @Nullable [] encode(
      String topic, Codec<T> codec, T payload) {
    if (payload == null) {
      if (Codecs.isNullable(codec)) {
        return null;
      }
      throw new InvalidRequestException(
          "The payload of a message to topic "
              + topic
              + " is null. Give one, or let it be absent with Codecs.nullable(…).");
    }
    byte[] bytes;
    try {
      bytes = codec.encode(payload);
    } catch (RuntimeException | StackOverflowError e) {
      throw cannotEncode(topic, e);
    }
    if (bytes == null) {
      throw cannotEncode(topic, null);
    }
    return bytes;
  }

  /**
   * The payload of a stored message.
   *
   * <p>Fails: {@link DecodeException} for whatever the codec throws (contract D9).
   */
  @SuppressWarnings("NullAway") // a nullable codec's T is nullable; the type can't say it here
  public static <T extends @Nullable Object> T decode(Codec<T> codec, SourceRecord message) {
    byte[] bytes = message.payload();
    if (bytes == null) {
      if (Codecs.isNullable(codec)) {
        return null;
      }
      throw new DecodeException(
          "The message at "
              + message.position()
              + " has no payload. If that is meant, give the topic Codecs.nullable(…).");
    }
    try {
      return codec.decode(bytes);
    } catch (RuntimeException | StackOverflowError e) {
      throw new DecodeException(
          "The payload of the message at "
              + message.position()
              + " ("
              + bytes.length
              + " B) can't be decoded by the topic's codec; the cause says why.",
          e);
    }
  }

  private static InvalidRequestException cannotEncode(String topic, @Nullable Throwable cause) {
    return new InvalidRequestException(
        "The payload of a message to topic "
            + topic
            + " can't be encoded: "
            + (cause == null ? "the codec returned null." : "the cause says why."),
        cause);
  }
}
