package dev.isostream.core;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A thread for each task: for handlers, unless the application gives an executor, and for calls
 * that block.
 */
final class ThreadPerTask {

  private ThreadPerTask() {}

  /**
   * Virtual threads where the JVM has them, else daemon threads, as many as are asked for.
   *
   * @param name what daemon threads are called, with a number behind it
   */
  static ExecutorService create(String name) {
    ExecutorService virtual = virtualThreads();
    return virtual != null ? virtual : cachedDaemons(name);
  }

  /** Null on a JVM that has none (before 21). */
  static @Nullable ExecutorService virtualThreads() {
    try {
      // Compiled for Java 17, which does not know this method yet.
      MethodHandle factory =
          MethodHandles.publicLookup()
              .findStatic(
                  Executors.class,
                  "newVirtualThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class));
      return (ExecutorService) factory.invokeExact();
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    } catch (Throwable e) {
      // Java 19 and 20 have it as a preview that refuses to be used.
      return null;
    }
  }

  /** Whoever asks bounds it: the members' concurrency, the driver's calls in flight. */
  static ExecutorService cachedDaemons(String name) {
    AtomicInteger count = new AtomicInteger();
    return Executors.newCachedThreadPool(task -> daemon(task, name + count.incrementAndGet()));
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
