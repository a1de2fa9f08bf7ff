package dev.isostream.redis;

import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** Finds and opens the Redis driver. Stateless. */
public final class RedisDriverProvider implements DriverProvider {

  private static final Pattern SERVER =
      Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):(?<port>[0-9]{1,5})");

  /** For {@link java.util.ServiceLoader}. */
  public RedisDriverProvider() {}

  @Override
  public String scheme() {
    return "redis";
  }

  @Override
  public PropertyVerdict check(String name, String value) {
    return RedisProperties.check(name, value);
  }

  @Override
  public Set<String> propertyNames() {
    return RedisProperties.names();
  }

  @Override
  public Optional<String> checkAddress(String address) {
    if (address.contains("@")) {
      // not shown: what stands before the @ may be a password
      return Optional.of(
          "A Redis address holds no credentials; set redis.user and redis.password instead, and"
              + " give host:port, or several joined by commas.");
    }
    for (String server : address.split(",", -1)) {
      if (!isServer(server.strip())) {
        return Optional.of(
            "\""
                + server
                + "\" is not host:port. Allowed is one server, or several of a cluster or several"
                + " sentinels joined by commas, for example redis://host1:6379,host2:6379.");
      }
    }
    return Optional.empty();
  }

  private static boolean isServer(String text) {
    var matcher = SERVER.matcher(text);
    if (!matcher.matches()) {
      return false;
    }
    int port = Integer.parseInt(matcher.group("port"));
    return port > 0 && port <= 65_535;
  }

  @Override
  public Driver open(DriverConfig config, Executor blocking, LongSupplier nanoTime) {
    return new RedisDriver(new RedisConfig(config), blocking);
  }
}
