package dev.isostream.spi;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** How an adapter is found ({@link java.util.ServiceLoader}) and opened. Stateless. */
public interface DriverProvider {

  /** The scheme of its addresses and the prefix of its properties, for example {@code kafka}. */
  String scheme();

  /**
   * Judges a property under this adapter's prefix, so that all problems are reported together
   * before anything is opened (contract E2).
   *
   * @param name without the prefix
   */
  PropertyVerdict check(String name, String value);

  /** Names it knows, without the prefix; to suggest the nearest to an unknown one. */
  Set<String> propertyNames();

  /**
   * A first look at the address before anything is opened.
   *
   * @return what is wrong with it, and what is allowed; empty where nothing is
   */
  Optional<String> checkAddress(String address);

  /**
   * Opens a driver. Does not wait for the broker.
   *
   * <p>Fails: {@link DriverException}.
   *
   * @param blocking runs calls of clients that have no form that returns at once, so that adapters
   *     need no threads of their own. Has a thread for each task, so tasks may wait for the broker,
   *     though no longer than the request timeout unless {@link Driver#close} ends them; tasks that
   *     belong together are the driver's to put in order. Rejects nothing before the driver is
   *     closed.
   * @param nanoTime the engine's monotonic clock, in nanoseconds from an arbitrary point, for
   *     drivers that have to keep to so many requests a second; they have no clock of their own
   */
  Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime);
}
