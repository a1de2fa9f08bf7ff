package dev.isostream.engine.testing;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a {@link FakeLog}, three records at a time. */
public final class FakeSource implements Source {

  private static final int BATCH = 3;

  private final FakeLog log;
  private final Map<Lane, Long> next = new HashMap<>();
  private boolean woken;
  private volatile boolean closed;
  private volatile boolean polling;

  FakeSource(FakeLog log) {
    this.log = log;
  }

  public boolean isClosed() {
    return closed;
  }

  public boolean isPolling() {
    return polling;
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    if (closed) {
      throw new AssertionError("polled after close");
    }
    long end = System.nanoTime() + maxWait.toNanos();
    synchronized (log) {
      polling = true;
      try {
        while (true) {
          DriverException failure = log.failure();
          if (failure != null) {
            throw failure;
          }
          long left = (end - System.nanoTime()) / 1_000_000;
          if (tell(listener) || woken || left <= 0) {
            woken = false;
            return;
          }
          log.wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        polling = false;
      }
    }
  }

  private boolean tell(SourceListener listener) {
    boolean told = false;
    for (Lane lane : List.copyOf(next.keySet())) {
      long offset = next.getOrDefault(lane, 0L);
      FakeLog.Partition partition = log.partition(lane.name());
      if (offset == -1) {
        continue;
      }
      if (offset < partition.start || offset > partition.end() || offset == -2) {
        next.put(lane, -1L);
        boolean some = partition.start < partition.end();
        listener.removed(
            lane,
            new Place.At(log.position(lane.name(), partition.start)),
            some ? log.position(lane.name(), partition.start) : null);
        told = true;
        continue;
      }
      List<FakeRecord> records = new ArrayList<>();
      while (offset < partition.end() && records.size() < BATCH) {
        FakeRecord one = partition.all.get((int) offset++);
        if (one != null) {
          records.add(one);
        }
      }
      next.put(lane, offset);
      if (!records.isEmpty()) {
        listener.records(lane, records);
        told = true;
      }
    }
    return told;
  }

  @Override
  public void wakeup() {
    synchronized (log) {
      woken = true;
      log.notifyAll();
    }
  }

  @Override
  public void read(Lane lane, Place place) {
    synchronized (log) {
      log.partition(lane.name());
      next.put(lane, offset(place));
    }
  }

  private long offset(Place place) {
    if (place instanceof Place.At at) {
      return log.holds(at.position()) ? at.position().word(0) : -2;
    }
    if (place instanceof Place.After after) {
      return log.holds(after.position()) ? after.position().word(0) + 1 : -2;
    }
    return 0;
  }

  @Override
  public void pause(Lane lane) {}

  @Override
  public void resume(Lane lane) {}

  @Override
  public void stop(Lane lane) {
    next.remove(lane);
  }

  @Override
  public boolean hasReached(Lane lane, Place end) {
    synchronized (log) {
      return next.getOrDefault(lane, -1L) >= offset(end);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
