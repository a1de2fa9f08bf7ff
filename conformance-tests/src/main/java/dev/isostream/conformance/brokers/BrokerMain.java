package dev.isostream.conformance.brokers;

import java.io.IOException;

/**
 * Starts a broker for someone on a command line: prints its address as {@code
 * <backend>://<host>:<port>}, then what else a client has to be told as {@code <property>=<value>},
 * then an empty line, and keeps it running until standard input ends.
 *
 * <p>The argument is the backend's name; {@link Brokers} has the settings.
 */
public final class BrokerMain {

  private BrokerMain() {}

  /** Starts one broker. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("give the name of a backend, one of " + Brokers.known());
    }
    try (Brokers brokers = Brokers.fromSystemProperties()) {
      Broker broker = brokers.own(arguments[0]);
      System.out.println(broker.name() + "://" + broker.address());
      broker.properties().forEach((name, value) -> System.out.println(name + "=" + value));
      System.out.println();
      System.out.flush();
      while (System.in.read() >= 0) {
        // the end of the input is all there is to wait for
      }
    }
  }
}
