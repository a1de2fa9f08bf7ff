package dev.isostream.benchmarks.rounds;

/**
 * Does the same work as others, in its own way. What is measured ends when everything is durable:
 * sends confirmed, settlements stored.
 */
public interface Contestant extends AutoCloseable {

  /** As it is called in the results. */
  String name();

  /** Whether it does a workload of this name at all. */
  default boolean takesPartIn(String workload) {
    return true;
  }

  /** Publishes; returns how long it took, in nanoseconds, from the first call to the last reply. */
  long publish(String topic, Load load);

  /**
   * Consumes everything in a new group with a handler that only looks at the payload; returns how
   * long it took from the assignment to the last stored settlement.
   */
  long consume(String topic, String group, int messages);

  /** As {@link #consume}, with a handler that takes a while. */
  long consumeSlowly(String topic, String group, int messages, SlowWork work);

  /** Opens both ends of a topic; what is sent comes back through the pipe's handler. */
  Pipe openPipe(String topic, String group, Pipe.Receiver receiver);

  @Override
  void close();

  /**
   * A handler that waits for something else.
   *
   * @param millis for so long each time
   * @param concurrency at most so many at once, where the contestant can
   */
  record SlowWork(int millis, int concurrency) {

    /** Waits. */
    public void run() {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
