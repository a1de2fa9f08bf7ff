package dev.isostream.engine.testing;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.engine.WireHeaders;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stored message that a test made up. */
public final class FakeRecord extends SourceRecord {

  private final String partition;
  private final long offset;
  private final @Nullable String incarnation;
  private final byte @Nullable [] key;
  private final byte @Nullable [] payload;
  private final Headers headers;

  public FakeRecord(
      String partition,
      long offset,
      @Nullable String incarnation,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers) {
    this.partition = partition;
    this.offset = offset;
    this.incarnation = incarnation;
    this.key = key;
    this.payload = payload;
    this.headers = headers;
  }

  /** With the ids of a send. */
  public static FakeRecord sent(@Nullable String key, String producer, String sequence) {
    return new FakeRecord(
        "0",
        0,
        null,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        null,
        ids(producer, sequence));
  }

  public static Headers ids(String producer, String sequence) {
    return Headers.of(
        List.of(
            Header.of(WireHeaders.PRODUCER, producer), Header.of(WireHeaders.SEQUENCE, sequence)));
  }

  @Override
  public String partition() {
    return partition;
  }

  @Override
  public Position position() {
    return Position.of("fake", "t", partition, incarnation, offset);
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
    return Instant.EPOCH.plusMillis(offset);
  }

  @Override
  public int sizeBytes() {
    return 1;
  }
}
