package dev.isostream.memory;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A record to append, and what became of it. */
final class Sent implements SinkRecord {

  private final byte @Nullable [] key;
  private final byte @Nullable [] payload;
  private final Headers headers;
  private final long sequence;
  private final CompletableFuture<Void> first = new CompletableFuture<>();
  private final AtomicInteger decisions = new AtomicInteger();
  private volatile @Nullable Supplier<CompletionStage<Position>> stored;
  private volatile @Nullable ErrorKind failure;
  private volatile boolean maybeStored;

  Sent(byte @Nullable [] key, byte @Nullable [] payload, Headers headers, long sequence) {
    this.key = key;
    this.payload = payload;
    this.headers = headers;
    this.sequence = sequence;
  }

  static Sent of(@Nullable String key, String payload, long sequence) {
    return new Sent(
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        payload.getBytes(StandardCharsets.UTF_8),
        Headers.empty(),
        sequence);
  }

  boolean isDecided() {
    return decisions.get() == 1;
  }

  /** Completes with the first decision. */
  CompletableFuture<Void> decided() {
    return first;
  }

  boolean isStored() {
    return isDecided() && stored != null;
  }

  @Nullable ErrorKind failure() {
    return failure;
  }

  boolean isMaybeStored() {
    return maybeStored;
  }

  Position position() {
    Supplier<CompletionStage<Position>> known = stored;
    if (known == null) {
      throw new AssertionError("not stored: " + failure);
    }
    return known.get().toCompletableFuture().join();
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
  public long sequence() {
    return sequence;
  }

  @Override
  public void stored(Supplier<CompletionStage<Position>> position) {
    stored = position;
    decisions.incrementAndGet();
    first.complete(null);
  }

  @Override
  public void failed(ErrorKind kind, boolean maybe, Throwable cause) {
    failure = kind;
    maybeStored = maybe;
    decisions.incrementAndGet();
    first.complete(null);
  }
}
