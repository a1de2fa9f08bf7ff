package dev.isostream.engine.consume;

/**
 * How a member's deliveries reach the application. Its methods are called on the loop unless they
 * say otherwise.
 */
interface Outlet<T> {

  /** Hands out what may be, as long as the application takes it. */
  void pump();

  /** When to pump again though nothing happened; {@link Long#MAX_VALUE} for never. */
  long deadline();

  /** Gets back what was offered of lanes that are stopped, or everything where the member is. */
  void takeBack();

  /** Whether it calls handlers, each for one delivery, until they return. */
  boolean runsHandlers();

  /**
   * Whether the next that is settled should bring more at once; otherwise there is enough on its
   * way out for a while, and {@link Mailbox#hungry} tells when that runs short. From any thread.
   */
  default boolean isHungry() {
    return true;
  }

  /** Whether the calling thread runs one of its handlers; from any thread. */
  boolean isHandlerThread();

  /** The member has ended, for the reason it gives; nothing more comes. */
  void ended();
}
