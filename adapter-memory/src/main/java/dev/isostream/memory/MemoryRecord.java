package dev.isostream.memory;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SourceRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stored message. It is made once, when it is appended, and handed to every reader as it is, so
 * reading allocates nothing for each message.
 */
final class MemoryRecord extends SourceRecord {

  private final MemoryPartition partition;
  private final long offset;
  private final byte @Nullable [] key;
  private final byte @Nullable [] payload;
  private final Headers headers;
  private final Instant timestamp;
  private final int sizeBytes;

  /** Takes copies of key and payload: the sender may use its arrays again. */
  MemoryRecord(
      MemoryPartition partition,
      long offset,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers,
      Instant timestamp) {
    this.partition = partition;
    this.offset = offset;
    this.key = key == null ? null : key.clone();
    this.payload = payload == null ? null : payload.clone();
    this.headers = headers;
    this.timestamp = timestamp;
    this.sizeBytes = sizeOf(key, payload, headers);
  }

  static int sizeOf(byte @Nullable [] key, byte @Nullable [] payload, Headers headers) {
    int size = (key == null ? 0 : key.length) + (payload == null ? 0 : payload.length);
    if (!headers.isEmpty()) {
      for (Header header : headers) {
        byte[] value = header.value();
        size += header.name().length() + (value == null ? 0 : value.length);
      }
    }
    return size;
  }

  @Override
  public String partition() {
    return partition.name();
  }

  @Override
  public Position position() {
    return partition.position(offset);
  }

  @Override
  public long offset() {
    return offset;
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
    return sizeBytes;
  }

  /** Where it is stored and how large it is; contents may be secret. */
  @Override
  public String toString() {
    return position() + " (" + sizeBytes + " B)";
  }
}
