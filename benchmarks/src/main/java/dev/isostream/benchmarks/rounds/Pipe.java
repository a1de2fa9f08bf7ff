package dev.isostream.benchmarks.rounds;

/** A producer, and a member of a group that gets what it sends. */
public interface Pipe extends AutoCloseable {

  /** Gets each payload on the thread that handles it. */
  interface Receiver {
    /** Gets one. */
    void receive(byte[] payload);
  }

  /** Sends one; what fails is told when it is closed. */
  void send(byte[] key, byte[] payload);

  @Override
  void close();
}
