package dev.isostream.rabbitmq;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Finds and opens the RabbitMQ driver. Stateless. */
public final class RabbitDriverProvider implements DriverProvider {

  /** For {@link java.util.ServiceLoader}. */
  public RabbitDriverProvider() {}

  @Override
  public String scheme() {
    return "rabbitmq";
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return RabbitProperties.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return RabbitProperties.names();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    if (address.contains("@")) {
      // not shown: what stands before the @ may be a password
      return Optional.of(
          "A RabbitMQ address holds no credentials; set rabbitmq.username and rabbitmq.password"
              + " instead, and give host:port of the stream listener, or several joined by commas.");
    }
    for (String node : address.split(",", -1)) {
      if (RabbitNode.parse(node.strip()).isEmpty()) {
        return Optional.of(
            "\""
                + node
                + "\" is not host:port. Allowed is one node or several joined by commas, each with"
                + " the port of its stream listener, for example rabbitmq://host1:5552,host2:5552.");
      }
    }
    return Optional.empty();
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    return new RabbitDriver(new RabbitConfig(config), blocking);
  }
}
