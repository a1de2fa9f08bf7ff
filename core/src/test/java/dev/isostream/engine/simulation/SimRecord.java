package dev.isostream.engine.simulation;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One stored message. Immutable. */
final class SimRecord extends SourceRecord {

  final SimPartition in;

  /** Its place in the partition's list. */
  final int index;

  /** Whether the same send was stored before. */
  final boolean copy;

  /** Its place among all messages of the topic. */
  final long number;

  private final Position position;
  private final byte @Nullable [] key;
  private final byte @Nullable [] payload;
  private final Headers headers;
  private final Instant timestamp;

  SimRecord(
      SimPartition in,
      int index,
      long number,
      Position position,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers,
      Instant timestamp,
      boolean copy) {
    this.copy = copy;
    this.in = in;
    this.index = index;
    this.number = number;
    this.position = position;
    this.key = key;
    this.payload = payload;
    this.headers = headers;
    this.timestamp = timestamp;
  }

  /** What the workload calls it: its payload. */
  String id() {
    return payload == null ? "" : new String(payload, StandardCharsets.UTF_8);
  }

  @Nullable String keyText() {
    return key == null ? null : new String(key, StandardCharsets.UTF_8);
  }

  @Override
  public String partition() {
    return in.name;
  }

  @Override
  public Position position() {
    return position;
  }

  @Override
  public long offset() {
    return position.word(0);
  }

  @Override
  public byte @Nullable [] key() {
    return key;
  }

  @Override
  public byte @Nullable [] payload() {
    return payload;
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  @Override
  public int sizeBytes() {
    return 32 + (payload == null ? 0 : payload.length);
  }

  @Override
  public String toString() {
    return id() + "@" + in.name + "/" + index;
  }
}
