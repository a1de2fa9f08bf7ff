package dev.isostream.pulsar;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds and opens the Pulsar driver. Stateless. */
public final class PulsarDriverProvider implements DriverProvider {

  private static final Pattern NODE =
      Pattern.compile("(?:\\[[0-9a-fA-F:.]+]|[^:\\s,/@]+):(\\d{1,5})");

  private static final int HIGHEST_PORT = 65_535;

  /** For {@link java.util.ServiceLoader}. */
  public PulsarDriverProvider() {}

  @Override
  public String scheme() {
    return "pulsar";
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return PulsarProperties.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return PulsarProperties.names();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    if (address.contains("@")) {
      // not shown: what stands before the @ may be a password
      return Optional.of(
          "A Pulsar address holds no credentials; set pulsar.authPluginClassName and"
              + " pulsar.authParams instead, and give host:port, or several joined by commas.");
    }
    for (String node : address.split(",", -1)) {
      Matcher matcher = NODE.matcher(node.strip());
      if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > HIGHEST_PORT) {
        return Optional.of(
            "\""
                + node
                + "\" is not host:port. Allowed is one broker or proxy or several joined by commas,"
                + " for example pulsar://host1:6650,host2:6650; tenant and namespace are set by"
                + " pulsar.tenant and pulsar.namespace.");
      }
    }
    return Optional.empty();
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    return new PulsarDriver(new PulsarConfig(config), blocking);
  }
}
