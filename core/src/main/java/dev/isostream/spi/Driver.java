package dev.isostream.spi;

import dev.isostream.Limits;
import java.util.Optional;

/**
 * One connection to one backend. Thread-safe; what it opens has rules of its own.
 *
 * <p>The {@code open…} methods may block for one connection attempt, at most the request timeout.
 */
public interface Driver extends AutoCloseable {

  /** How the engine has to work with this backend. Nothing of it shows to applications. */
  DriverTraits traits();

  /** The backend's numbers, for applications and engine. */
  Limits limits();

  /** Opens an appender to a topic that exists. */
  Sink openSink(SinkSpec spec);

  /** Joins a group on a topic that exists. Lanes come through {@link GroupSource#poll}. */
  GroupSource openGroup(GroupSpec spec);

  /** Opens a source without a group; it reads the lanes that it is told to. */
  Source openReader(String topic);

  /** Topics, groups, places. */
  Admin admin();

  /**
   * Where leases are kept.
   *
   * <p>Called only where {@link DriverTraits#assignsLanes} is false.
   */
  LeaseStore leases(GroupSpec spec);

  /** The native client, for applications. */
  <T> Optional<T> unwrap(Class<T> type);

  /** Closes the connection; everything opened here was closed before. Harmless when repeated. */
  @Override
  void close();
}
