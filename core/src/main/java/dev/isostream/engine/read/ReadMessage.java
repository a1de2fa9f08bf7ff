package dev.isostream.engine.read;

import dev.isostream.Codec;
import dev.isostream.DecodeException;
import dev.isostream.Received;
import dev.isostream.engine.Payloads;
import dev.isostream.engine.RecordInfo;
import dev.isostream.spi.SourceRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message as a reader gives it; decoded when the payload is asked for. Thread-safe. */
final class ReadMessage<T extends @Nullable Object> extends RecordInfo implements Received<T> {

  private final Codec<T> codec;

  /** Decoded at most once by each thread that does not see it yet; the last one stays. */
  private volatile @Nullable Decoded<T> decoded;

  ReadMessage(String topic, SourceRecord message, Codec<T> codec) {
    super(topic, message);
    this.codec = codec;
  }

  @Override
  public T payload() {
    Decoded<T> known = decoded();
    if (known.failure != null) {
      throw known.failure;
    }
    return known.payload();
  }

  /** Why it does not decode; null where it does. */
  @Nullable DecodeException problem() {
    return decoded().failure;
  }

  private Decoded<T> decoded() {
    Decoded<T> known = decoded;
    if (known == null) {
      try {
        known = new Decoded<>(Payloads.decode(codec, source()), null);
      } catch (DecodeException e) {
        known = new Decoded<>(null, e);
      }
      decoded = known;
    }
    return known;
  }

  @Override
  public Optional<byte[]> body() {
    return Optional.ofNullable(source().payload());
  }

  /** A payload, or why there is none. */
  private static final class Decoded<T extends @Nullable Object> {
    private final @Nullable T payload;
    private final @Nullable DecodeException failure;

    Decoded(@Nullable T payload, @Nullable DecodeException failure) {
      this.payload = payload;
      this.failure = failure;
    }

    @SuppressWarnings("NullAway") // null only where T is nullable
    T payload() {
      return payload;
    }
  }
}
