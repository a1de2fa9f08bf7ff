package dev.isostream.conformance.brokers;

import java.util.Locale;

/** How a broker is had. */
public enum BrokerMode {
  /** In the process of the tests; nothing to start. Only the memory backend. */
  EMBEDDED(false),
  /** The upstream image in a container, through Testcontainers. */
  CONTAINERS(true),
  /** The real broker as a child process of this JVM. */
  LOCAL(true),
  /** A broker that someone else runs, at an address given. */
  EXTERNAL(false);

  private final boolean controllable;

  BrokerMode(boolean controllable) {
    this.controllable = controllable;
  }

  /**
   * Whether a broker had this way can be killed, paused, restarted and put behind a {@link
   * TcpProxy}.
   */
  public boolean controllable() {
    return controllable;
  }

  /** The name that settings and reports use: the constant's, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
