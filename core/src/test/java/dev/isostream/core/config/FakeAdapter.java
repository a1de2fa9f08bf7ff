package dev.isostream.core.config;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** An adapter that knows a few properties. */
record FakeAdapter(String scheme) implements DriverProvider {

  @Override
  public PropertyVerdict check(String name, String value) {
    return switch (name) {
      case "client.rack", "ssl.keystore.location" -> new PropertyVerdict.Accepted(false);
      case "ssl.keystore.password", "pin" -> new PropertyVerdict.Accepted(true);
      case "acks" ->
          value.equals("all")
              ? new PropertyVerdict.Accepted(false)
              : new PropertyVerdict.Refused("acks is always all, not " + value + " (contract P1)");
      case "broken" -> throw new IllegalStateException("quotes " + value);
      default -> new PropertyVerdict.Unknown();
    };
  }

  @Override
  public Set<String> propertyNames() {
    return Set.of("client.rack", "ssl.keystore.location", "ssl.keystore.password", "pin", "acks");
  }

  @Override
  public Optional<String> checkAddress(String address) {
    return address.matches("[a-z0-9]+:\\d+(,[a-z0-9]+:\\d+)*")
        ? Optional.empty()
        : Optional.of("allowed: host:port, several joined by commas");
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    throw new UnsupportedOperationException();
  }
}
