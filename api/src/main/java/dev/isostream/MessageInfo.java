package dev.isostream;

import java.time.Instant;
import java.util.Optional;

/** What is known of a stored message before its payload is decoded. */
public interface MessageInfo {

  /** The topic's name. */
  String topic();

  /** The partition's name. */
  String partition();

  /** Where it is stored. */
  Position position();

  /** The key as UTF-8 text (malformed bytes replaced); empty where the message has none. */
  Optional<String> key();

  /** The key byte for byte (contract W2); must not be changed. */
  Optional<byte[]> keyBytes();

  /** The headers, without those that Isostream itself adds. */
  Headers headers();

  /** The timestamp; {@link Limits#timestampSource} says who sets it (contract R4). */
  Instant timestamp();
}
