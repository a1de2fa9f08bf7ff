package dev.isostream.conformance;

import dev.isostream.Messaging;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Means to do harm to a backend and to those connected to it. */
public interface Faults {

  /** Kills the broker as by SIGKILL; nobody is told. */
  void killBroker();

  /** Starts the broker on the data it had, where it does not run; returns when it serves. */
  void startBroker();

  /** A network of which all connections made through it can be harmed together, and no others. */
  Network network();

  /**
   * The properties with which another process can connect, the address included; the kit then runs
   * members to be killed in JVMs of their own. Empty where the backend lives in this JVM only.
   */
  Optional<Map<String, String>> remote();

  /**
   * Makes a connection of this JVM look to the backend as if its process had been killed just now:
   * nothing it does from here on reaches the backend, and no goodbye either.
   *
   * <p>Called only where {@link #remote} is empty.
   */
  void abandon(Messaging messaging);

  /** A network in front of the backend. */
  interface Network {

    /** As {@link BrokerHarness#connect}, through this network. */
    Messaging connect(Map<String, String> properties);

    /** Breaks all connections and refuses new ones, until {@link #restore}. */
    void cut();

    /** Holds everything back in both directions until {@link #restore}; then it arrives. */
    void hold();

    /** From now on requests are carried out and their replies get lost, until {@link #restore}. */
    void loseReplies();

    /** Makes everything take so much longer in each direction, until {@link #restore}. */
    void delay(Duration by);

    /** Ends all harm. */
    void restore();
  }
}
