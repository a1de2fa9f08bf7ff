package dev.isostream.spi;

import dev.isostream.Headers;
import dev.isostream.Position;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One stored message as read. Drivers extend it over the native record, so that nothing is copied
 * that is not asked for. Immutable; arrays are not changed by anyone.
 */
public abstract class SourceRecord {

  /** For drivers. */
  protected SourceRecord() {}

  /** The partition's name; always the same instance for one partition. */
  public abstract String partition();

  /** Where it is stored; made on request. */
  public abstract Position position();

  /** The position's only word where {@link DriverTraits#densePositions} holds, else unused. */
  public abstract long offset();

  /** The key; null where there is none. */
  public abstract byte @Nullable [] key();

  /** The payload; null where there is none. */
  public abstract byte @Nullable [] payload();

  /** All headers, the engine's included; made on request. */
  public abstract Headers headers();

  /** The timestamp. */
  public abstract Instant timestamp();

  /** Bytes of key, payload and headers, about. */
  public abstract int sizeBytes();
}
