package dev.isostream.engine;

import dev.isostream.Headers;
import dev.isostream.MessageInfo;
import dev.isostream.Position;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stored message as applications see it before its payload is decoded: a view of what the driver
 * read, without the engine's own headers. Thread-safe.
 */
public class RecordInfo implements MessageInfo {

  private final String topic;
  private final SourceRecord message;

  /** Made on request. Two threads may both make it; immutable, so either will do. */
  private @Nullable Headers visible;

  public RecordInfo(String topic, SourceRecord message) {
    this.topic = topic;
    this.message = message;
  }

  /** As the driver read it. */
  public final SourceRecord source() {
    return message;
  }

  @Override
  public final String topic() {
    return topic;
  }

  @Override
  public final String partition() {
    return message.partition();
  }

  @Override
  public final Position position() {
    return message.position();
  }

  @Override
  public final Optional<String> key() {
    byte[] key = message.key();
    return key == null ? Optional.empty() : Optional.of(new String(key, StandardCharsets.UTF_8));
  }

  @Override
  public final Optional<byte[]> keyBytes() {
    return Optional.ofNullable(message.key());
  }

  @Override
  public final Headers headers() {
    Headers headers = visible;
    if (headers == null) {
      headers = WireHeaders.visible(message.headers());
      visible = headers;
    }
    return headers;
  }

  @Override
  public final Instant timestamp() {
    return message.timestamp();
  }

  /** Where it is stored; payloads, keys and header values may be secrets. */
  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + message.position() + "]";
  }
}
