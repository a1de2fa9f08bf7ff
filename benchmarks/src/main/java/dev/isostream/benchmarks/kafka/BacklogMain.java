package dev.isostream.benchmarks.kafka;

import dev.isostream.benchmarks.report.Measurement;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.concurrent.atomic.AtomicBoolean;

/** Consumes in a process of its own, and watches what it holds on to. */
final class BacklogMain {

  static final int HEAP_MEGABYTES = 96;
  static final String PEAK = "peak ";
  private static final long LOOK_EVERY_MILLIS = 100;

  private BacklogMain() {}

  /** Contestant, address, topic, group, messages. */
  public static void main(String[] arguments) throws InterruptedException {
    Clients clients = new Clients(arguments[1], 5);
    int messages = Integer.parseInt(arguments[4]);
    AtomicBoolean done = new AtomicBoolean();
    long[] peak = new long[1];
    Thread watch = new Thread(() -> watch(done, peak), "heap-watch");
    try (Contestant contestant =
        arguments[0].equals(Measurement.RAW) ? new RawKafka(clients) : new Isostream(clients)) {
      watch.start();
      contestant.consume(arguments[2], arguments[3], messages);
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
