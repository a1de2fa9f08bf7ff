package dev.isostream.benchmarks.rounds;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.concurrent.atomic.AtomicBoolean;

/** Consumes in a process of its own, and watches what it holds on to. */
final class BacklogMain {

  static final int HEAP_MEGABYTES = 96;
  static final String PEAK = "peak ";
  private static final long LOOK_EVERY_MILLIS = 100;

  private BacklogMain() {}

  /** Backend, contestant, address, topic, group, messages. */
  public static void main(String[] arguments) throws InterruptedException {
    Backend backend = Backends.named(arguments[0]);
    Clients clients = new Clients(arguments[2], 5);
    int messages = Integer.parseInt(arguments[5]);
    AtomicBoolean done = new AtomicBoolean();
    long[] peak = new long[1];
    Thread watch = new Thread(() -> watch(done, peak), "heap-watch");
    try (Contestant contestant = Backends.contestant(backend, clients, arguments[1])) {
      watch.start();
      contestant.consume(arguments[3], arguments[4], messages);
    } finally {
      done.set(true);
      watch.join();
    }
    System.out.println(PEAK + peak[0] / 1e6);
  }

  private static void watch(AtomicBoolean done, long[] peak) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    try {
      do {
        System.gc();
        peak[0] = Math.max(peak[0], memory.getHeapMemoryUsage().getUsed());
        Thread.sleep(LOOK_EVERY_MILLIS);
      } while (!done.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
