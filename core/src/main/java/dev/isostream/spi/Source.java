package dev.isostream.spi;

import java.time.Duration;

/**
 * Reads lanes.
 *
 * <p>Threads: confined to one thread, its owner, but for {@link #wakeup}.
 *
 * <p>Failing: any method may throw a {@link DriverException}. After a retriable one the engine
 * calls {@link #poll} again, after a while; the source goes on where it was. After another one the
 * engine closes it.
 */
public interface Source extends AutoCloseable {

  /**
   * Waits for something to happen, at most this long, and tells the listener of it before
   * returning. Also does what the client needs done by this thread (heartbeats, callbacks); the
   * engine calls it often enough, also when every lane is paused.
   *
   * <p>Per lane, records come in stored order, each once, from the place given to {@link #read} on.
   */
  void poll(Duration maxWait, SourceListener listener);

  /**
   * Makes a {@link #poll} that waits, or else the next one, return at once. From any thread, cheap
   * when repeated.
   */
  void wakeup();

  /**
   * Starts reading a lane here, or goes there where it is being read. Records of the lane that
   * {@link #poll} has not told of yet are dropped. A place that turns out to be gone is told by
   * {@link SourceListener#removed}.
   *
   * <p>Blocks: never for I/O, for places that are {@link Place.At}, {@link Place.After} or {@link
   * Place.Origin}; others are not given.
   */
  void read(Lane lane, Place place);

  /** Stops telling records of this lane, keeping the place. Harmless when repeated. */
  void pause(Lane lane);

  /** Goes on telling records of this lane. Harmless when repeated. */
  void resume(Lane lane);

  /** Forgets a lane given to {@link #read}. */
  void stop(Lane lane);

  /**
   * Whether everything before {@code end} has been told, by place, not by record: the tail may hold
   * nothing that readers may see.
   *
   * @param end as {@link Admin#locate} gave it for {@link Place.Latest}
   */
  boolean hasReached(Lane lane, Place end);

  /** Frees everything. Harmless when repeated. */
  @Override
  void close();
}
