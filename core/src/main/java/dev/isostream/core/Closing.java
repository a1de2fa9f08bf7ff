package dev.isostream.core;

import dev.isostream.engine.EngineContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Ends a {@link DefaultMessaging}: members first, as their last acknowledgements and dead letters
 * need all the rest, then readers, producers, the connection, the threads. Thread-safe.
 */
final class Closing {

  private final OpenThings things;
  private final EngineContext context;
  private final SystemRuntime runtime;
  private final CountDownLatch done = new CountDownLatch(1);

  Closing(OpenThings things, EngineContext context, SystemRuntime runtime) {
    this.things = things;
    this.context = context;
    this.runtime = runtime;
  }

  /** Starts closing, if nobody has; does not wait. */
  void begin() {
    if (things.beginClose()) {
      // No daemon: when it was asked for from within a handler, the process waits for the end.
      new Thread(this::run, "isostream-close").start();
    }
  }

  /** Waits for the end, unless on a thread that the end itself waits for. */
  void await() {
    if (runtime.isOwnThread()) {
      return;
    }
    try {
      done.await();
    } catch (InterruptedException e) {
      // It goes on without this thread.
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      things.awaitOpening(runtime, context.requestTimeout());
      for (OpenThings.Kind kind : OpenThings.Kind.values()) {
        closeAll(things.all(kind));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      OpenThings.closeQuietly(context.driver());
      OpenThings.closeQuietly(runtime);
      done.countDown();
    }
  }

  /** All at once: each may take up to its own limit. */
  private static void closeAll(List<AutoCloseable> all) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (AutoCloseable thing : all) {
      Thread thread = new Thread(() -> OpenThings.closeQuietly(thing), "isostream-close");
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
