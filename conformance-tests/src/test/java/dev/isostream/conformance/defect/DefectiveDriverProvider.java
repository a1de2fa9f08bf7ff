package dev.isostream.conformance.defect;

import dev.isostream.memory.MemoryDriverProvider;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** The memory driver with something broken: {@code defective://<run>/<broker>}. */
public final class DefectiveDriverProvider implements DriverProvider {

  static final String SCHEME = "defective";

  private final DriverProvider memory = new MemoryDriverProvider();

  /** For {@link java.util.ServiceLoader}. */
  public DefectiveDriverProvider() {}

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return memory.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return memory.propertyNames();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    return memory.checkAddress(address.substring(address.indexOf('/') + 1));
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    int slash = config.address().indexOf('/');
    Variant variant = DefectiveHarness.running(config.address().substring(0, slash));
    DriverConfig inner =
        variant.config(
            new DriverConfig(
                config.address().substring(slash + 1),
                config.clientId(),
                config.requestTimeout(),
                config.properties()));
    return new Renamed(memory.scheme(), SCHEME)
        .driver(variant.driver(memory.open(inner, blocking, nanoTime)));
  }
}
