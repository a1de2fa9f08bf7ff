package dev.isostream.conformance.defect;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SourceRecord;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A record as it is; subclasses change what they want to. */
class AlteredRecord extends SourceRecord {

  private final SourceRecord real;

  AlteredRecord(SourceRecord real) {
    this.real = real;
  }

  @Override
  public String partition() {
    return real.partition();
  }

  @Override
  public Position position() {
    return real.position();
  }

  @Override
  public long offset() {
    return real.offset();
  }

  @Override
  public byte @Nullable [] key() {
    return real.key();
  }

  @Override
  public byte @Nullable [] payload() {
    return real.payload();
  }

  @Override
  public Headers headers() {
    return real.headers();
  }

  @Override
  public Instant timestamp() {
    return real.timestamp();
  }

  @Override
  public int sizeBytes() {
    return real.sizeBytes();
  }
}
