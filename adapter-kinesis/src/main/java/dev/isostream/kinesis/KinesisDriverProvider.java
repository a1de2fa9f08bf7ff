package dev.isostream.kinesis;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** Finds and opens the Kinesis driver. Stateless. */
public final class KinesisDriverProvider implements DriverProvider {

  /** For {@link java.util.ServiceLoader}. */
  public KinesisDriverProvider() {}

  @Override
  public String scheme() {
    return "kinesis";
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return KinesisProperties.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return KinesisProperties.names();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    if (address.contains("@")) {
      // not shown: what stands before the @ may be a password
      return Optional.of(
          "A Kinesis address holds no credentials; leave them to the AWS SDK's own chain, or set"
              + " kinesis.access.key.id and kinesis.secret.access.key, and give a region.");
    }
    return KinesisProperties.isRegion(address) || KinesisConfig.isHostAndPort(address)
        ? Optional.empty()
        : Optional.of(
            "\""
                + address
                + "\" is neither a region nor host:port. Allowed are a region, for example"
                + " kinesis://eu-west-1, or the host:port of an emulator of both Kinesis and"
                + " DynamoDB, for example kinesis://localhost:4566.");
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    return new KinesisDriver(new KinesisConfig(config), blocking, nanoTime);
  }
}
