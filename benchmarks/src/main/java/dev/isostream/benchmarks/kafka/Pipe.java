package dev.isostream.benchmarks.kafka;

/** A producer, and a member of a group that gets what it sends. */
interface Pipe extends AutoCloseable {

  /** Gets each payload on the thread that handles it. */
  interface Receiver {
    void receive(byte[] payload);
  }

  void send(byte[] key, byte[] payload);

  @Override
  void close();
}
