package dev.isostream.rabbitmq;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Tasks that block, one after the other in their order. Thread-safe. */
final class RabbitSerial {

  private final Executor blocking;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean running;

  RabbitSerial(Executor blocking) {
    this.blocking = blocking;
  }

  /** Does nothing once the driver is closed. */
  void execute(Runnable task) {
    synchronized (this) {
      waiting.add(task);
      if (running) {
        return;
      }
      running = true;
    }
    try {
      blocking.execute(this::run);
    } catch (RejectedExecutionException e) {
      synchronized (this) {
        waiting.clear();
        running = false;
      }
    }
  }

  private void run() {
    while (true) {
      Runnable next;
      synchronized (this) {
        next = waiting.poll();
        if (next == null) {
          running = false;
          return;
        }
      }
      next.run();
    }
  }
}
