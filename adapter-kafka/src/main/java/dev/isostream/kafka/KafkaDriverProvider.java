package dev.isostream.kafka;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** Finds and opens the Kafka driver. Stateless. */
public final class KafkaDriverProvider implements DriverProvider {

  private static final Pattern BROKER =
      Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):(?<port>[0-9]{1,5})");

  /** For {@link java.util.ServiceLoader}. */
  public KafkaDriverProvider() {}

  @Override
  public String scheme() {
    return "kafka";
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return KafkaProperties.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return KafkaProperties.names();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    if (address.contains("@")) {
      // not shown: what stands before the @ may be a password
      return Optional.of(
          "A Kafka address holds no credentials; set kafka.sasl.jaas.config instead, and give"
              + " host:port, or several joined by commas.");
    }
    for (String broker : address.split(",", -1)) {
      if (!isBroker(broker.strip())) {
        return Optional.of(
            "\""
                + broker
                + "\" is not host:port. Allowed is one broker or several joined by commas, for"
                + " example kafka://host1:9092,host2:9092.");
      }
    }
    return Optional.empty();
  }

  private static boolean isBroker(String text) {
    var matcher = BROKER.matcher(text);
    if (!matcher.matches()) {
      return false;
    }
    int port = Integer.parseInt(matcher.group("port"));
    return port > 0 && port <= 65_535;
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    return new KafkaDriver(new KafkaConfig(config));
  }
}
