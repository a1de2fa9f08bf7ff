package dev.isostream.conformance.brokers;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A handle on one real broker: where it is, and what can be done to it.
 *
 * <p>The address stays the same through every kill, stop and start, and so does the data. Actions
 * on a broker whose {@link #mode()} is not {@linkplain BrokerMode#controllable() controllable} fail
 * with {@link UnsupportedOperationException}.
 *
 * <p>Blocks: every action returns when its effect is there: {@link #start} when the broker serves,
 * {@link #kill} and {@link #stop} when its process is gone.
 *
 * <p>Threads: safe from any; actions on one broker happen one after another.
 *
 * <p>Fails: with {@link BrokerUnavailableException}, the end of the broker's log in its message.
 */
public interface Broker extends AutoCloseable {

  /** The backend's name, as in {@code -Dbrokers=}: for example {@code kafka}. */
  String name();

  /** How this broker is had. */
  BrokerMode mode();

  /** The broker's release as far as it can be known, for reports. */
  String version();

  /** {@code host:port} for clients. */
  String address();

  /**
   * What else a client has to be told, by the names that the backend's adapter has for it; none
   * where the address says it all.
   */
  default Map<String, String> properties() {
    return Map.of();
  }

  /**
   * A proxy with an address of its own in front of this broker, open and forwarding. A client that
   * is given {@link TcpProxy#address()} stays behind the proxy, also where the broker tells its
   * clients whom to call; others are not affected.
   */
  TcpProxy proxy();

  /** The guarded addresses, on a broker from {@link Brokers#secured}. */
  Optional<BrokerSecurity> security();

  /** Whether its process runs; a paused one does. */
  boolean isRunning();

  /** Starts it, on the data that it had. Does nothing while it runs. */
  void start();

  /** SIGKILL: no goodbye to clients, nothing flushed. Does nothing when it doesn't run. */
  void kill();

  /** SIGTERM: shuts down in good order. Does nothing when it doesn't run. */
  void stop();

  /** {@link #kill} and then {@link #start}. */
  default void restart() {
    kill();
    start();
  }

  /**
   * SIGSTOP or its like: connections stay open and nobody answers. Ends with {@link #resume}, or
   * with the process.
   */
  void pause();

  /** Lets a paused broker go on. */
  void resume();

  /**
   * Runs the broker's own command-line tool on it.
   *
   * <p>Fails: {@link UnsupportedOperationException} where there is none, or it is out of reach.
   *
   * @return what it printed
   */
  default String control(String... arguments) {
    throw new UnsupportedOperationException(this + " has no tool to be run");
  }

  /** The last lines of its log, oldest first; empty where the log is out of reach. */
  List<String> logTail(int lines);

  /** Ends the process if this handle started it, and removes its data. */
  @Override
  void close();
}
