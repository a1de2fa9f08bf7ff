package dev.isostream.memory;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** Finds and opens the memory driver: {@code memory://<broker name>}. Stateless. */
public final class MemoryDriverProvider implements DriverProvider {

  static final String SCHEME = "memory";

  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9._-]{1,200}");

  /** For {@link java.util.ServiceLoader}. */
  public MemoryDriverProvider() {}

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return MemoryProperties.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return MemoryProperties.names();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    if (ADDRESS.matcher(address).matches()) {
      return Optional.empty();
    }
    // not shown: what stands before an @ may be a password
    return Optional.of(
        "After memory:// comes the name of a broker, 1 to 200 of letters, digits, '.', '_' and '-',"
            + " for example memory://local.");
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    return new MemoryDriver(MemoryBroker.named(config.address()), MemoryProperties.parse(config));
  }
}
