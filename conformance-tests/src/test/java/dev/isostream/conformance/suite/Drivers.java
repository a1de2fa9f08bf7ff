package dev.isostream.conformance.suite;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;

/** Opens drivers as the engine does. Stateless. */
public final class Drivers {

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

  private Drivers() {}

  /** The adapter for a scheme. */
  public static DriverProvider provider(String scheme) {
    return ServiceLoader.load(DriverProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.scheme().equals(scheme))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no adapter for " + scheme));
  }

  /**
   * A driver of its own.
   *
   * @param address with the scheme
   * @param properties without the adapter's prefix
   */
  public static Driver open(String address, Map<String, String> properties) {
    int colon = address.indexOf("://");
    DriverConfig config =
        new DriverConfig(
            address.substring(colon + 3), "conformance-kit", REQUEST_TIMEOUT, properties);
    return provider(address.substring(0, colon))
        .open(config, Drivers::onThreadOfItsOwn, System::nanoTime);
  }

  private static void onThreadOfItsOwn(Runnable task) {
    Thread thread = new Thread(task, "conformance-kit-blocking");
    thread.setDaemon(true);
    thread.start();
  }
}
