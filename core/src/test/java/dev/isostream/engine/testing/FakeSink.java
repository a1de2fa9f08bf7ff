package dev.isostream.engine.testing;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A sink that keeps what it gets until a test decides it, or stores at once. */
public final class FakeSink implements Sink {

  private final SinkSpec spec;
  private final AtomicBoolean inAppend = new AtomicBoolean();
  private final List<List<SinkRecord>> appends = new ArrayList<>();
  private final List<SinkRecord> undecided = new ArrayList<>();
  private volatile boolean storing;
  private volatile boolean closed;
  private volatile int hurried;
  private volatile boolean throwing;

  FakeSink(SinkSpec spec, boolean storing) {
    this.spec = spec;
    this.storing = storing;
  }

  public SinkSpec spec() {
    return spec;
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    if (!inAppend.compareAndSet(false, true)) {
      throw new AssertionError("append is called by two threads at once");
    }
    try {
      if (throwing) {
        throw new IllegalStateException("meant to be thrown");
      }
      List<SinkRecord> taken = List.copyOf(records);
      synchronized (this) {
        appends.add(taken);
        if (!storing) {
          undecided.addAll(taken);
        }
      }
      if (storing) {
        taken.forEach(FakeSink::store);
      }
    } finally {
      inAppend.set(false);
    }
  }

  private static void store(SinkRecord record) {
    long sequence = record.sequence();
    record.stored(
        () -> CompletableFuture.completedFuture(Position.of("fake", "t", "0", null, sequence)));
  }

  /** Whether {@link #append} throws from now on, against its contract. */
  public void throwing(boolean on) {
    throwing = on;
  }

  /** Whether records are stored as they come. */
  public void storing(boolean on) {
    storing = on;
  }

  public synchronized List<List<SinkRecord>> appends() {
    return List.copyOf(appends);
  }

  /** All records in the order in which they came. */
  public synchronized List<SinkRecord> records() {
    return appends.stream().flatMap(List::stream).toList();
  }

  public synchronized List<SinkRecord> undecided() {
    return List.copyOf(undecided);
  }

  /** Takes the first one that is undecided. */
  public synchronized SinkRecord take() {
    return undecided.remove(0);
  }

  public void storeNext() {
    store(take());
  }

  public void storeAll() {
    while (!undecided().isEmpty()) {
      storeNext();
    }
  }

  public void failNext(ErrorKind kind, boolean maybeStored) {
    take().failed(kind, maybeStored, new DriverException(kind, "meant to fail", null));
  }

  public boolean isClosed() {
    return closed;
  }

  public int hurried() {
    return hurried;
  }

  @Override
  public synchronized void hurry() {
    hurried++;
  }

  @Override
  public void close() {
    closed = true;
    while (!undecided().isEmpty()) {
      failNext(ErrorKind.CLOSED, true);
    }
  }
}
