package dev.isostream.core;

import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.errors.Errors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was opened through one {@link dev.isostream.Messaging} and is not closed yet. Nothing gets
 * past the close: what is being opened then is closed again by who opens it. Thread-safe.
 */
final class OpenThings {

  private static final Logger LOG = System.getLogger(OpenThings.class.getName());

  /** In the order of closing. */
  enum Kind {
    MEMBER,
    READER,
    PRODUCER
  }

  private final IdentityHashMap<AutoCloseable, Kind> open = new IdentityHashMap<>();
  private int opening;
  private boolean closed;

  /** Opens something and keeps it. Fails: {@link dev.isostream.ClosedException}. */
  <X extends AutoCloseable> X open(Kind kind, Supplier<X> opener) {
    begin();
    try {
      X thing = opener.get();
      if (!keep(kind, thing)) {
        closeQuietly(thing);
        throw Errors.closed("Messaging");
      }
      return thing;
    } finally {
      end();
    }
  }

  /** Fails with {@link dev.isostream.ClosedException} once closing has begun. */
  synchronized void check() {
    if (closed) {
      throw Errors.closed("Messaging");
    }
  }

  private synchronized void begin() {
    check();
    opening++;
  }

  private synchronized boolean keep(Kind kind, AutoCloseable thing) {
    if (!closed) {
      open.put(thing, kind);
    }
    return !closed;
  }

  private synchronized void end() {
    opening--;
    notifyAll();
  }

  /** Forgets what was closed by itself. Harmless when repeated. */
  synchronized void forget(AutoCloseable thing) {
    open.remove(thing);
  }

  /** Lets nothing more in; whether this call was the first. */
  synchronized boolean beginClose() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Waits until nothing is being opened any more, at most this long. */
  synchronized void awaitOpening(EngineRuntime runtime, Duration limit)
      throws InterruptedException {
    long deadline = runtime.nanoTime() + Nanos.of(limit);
    while (opening > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - runtime.nanoTime());
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  synchronized List<AutoCloseable> all(Kind kind) {
    List<AutoCloseable> all = new ArrayList<>();
    open.forEach(
        (thing, itsKind) -> {
          if (itsKind == kind) {
            all.add(thing);
          }
        });
    return all;
  }

  static void closeQuietly(@Nullable AutoCloseable thing) {
    if (thing == null) {
      return;
    }
    try {
      thing.close();
    } catch (Exception e) {
      LOG.log(Level.WARNING, "Closing " + thing.getClass().getName() + " failed.", e);
    }
  }
}
