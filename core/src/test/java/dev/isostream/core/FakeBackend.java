package dev.isostream.core;

import dev.isostream.core.admin.FakeDriver;
import dev.isostream.core.config.Sources;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.PropertyVerdict;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** A backend that is a few maps, and a configuration of its own around it. */
final class FakeBackend implements DriverProvider {

  final FakeDriver driver = new FakeDriver();
  private final Map<String, String> properties = new HashMap<>();

  FakeBackend with(String name, String value) {
    properties.put("isostream." + name, value);
    return this;
  }

  DefaultMessagingBuilder builder() {
    Sources sources =
        new Sources(
            Path.of("no", "such", "directory"),
            name -> List.of(),
            Map.of(),
            Map.copyOf(properties),
            () -> List.of(this));
    return new DefaultMessagingBuilder(() -> sources);
  }

  DefaultMessaging open() {
    return (DefaultMessaging) builder().address("fake://here").open();
  }

  @Override
  public String scheme() {
    return "fake";
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return name.equals("token")
        ? new PropertyVerdict.Accepted(true)
        : new PropertyVerdict.Unknown();
  }

  @Override
  public Set<String> propertyNames() {
    return Set.of("token");
  }

  @Override
  public Optional<String> checkAddress(String address) {
    return Optional.empty();
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    String token = config.properties().get("token");
    if (token != null) {
      throw new DriverException(
          ErrorKind.AUTHENTICATION, "refused", new IllegalStateException("token " + token));
    }
    return driver;
  }
}
