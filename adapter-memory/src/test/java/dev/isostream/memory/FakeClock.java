package dev.isostream.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Goes on only when told to. */
final class FakeClock extends MemoryClock {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();

  @Override
  long nanoTime() {
    return nanos.get();
  }

  @Override
  Instant now() {
    return START.plusNanos(nanos.get());
  }

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
