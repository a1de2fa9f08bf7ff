package dev.isostream.spi;

import java.time.Duration;
import java.util.Map;

/**
 * What a driver is opened with; checked already.
 *
 * @param address what stands behind {@code scheme://}
 * @param clientId names this application to the broker
 * @param requestTimeout bounds every single request
 * @param properties under the adapter's prefix, without it; may hold secrets, so never printed
 */
public record DriverConfig(
    String address, String clientId, Duration requestTimeout, Map<String, String> properties) {

  public DriverConfig {
    properties = Map.copyOf(properties);
  }

  @Override
  public String toString() {
    return "DriverConfig[address=" + address + ", clientId=" + clientId + "]";
  }
}
