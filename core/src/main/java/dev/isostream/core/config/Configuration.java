package dev.isostream.core.config;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;

/**
 * Everything that was configured, checked. Immutable.
 *
 * @param provider the chosen backend's adapter
 * @param driver what it is to be opened with
 * @param secrets masks what must not show
 */
public record Configuration(
    DriverProvider provider,
    DriverConfig driver,
    ProducerDefaults producer,
    ConsumerDefaults consumer,
    Secrets secrets) {

  /** The backend and its address; nothing that may be a secret. */
  @Override
  public String toString() {
    return "Configuration["
        + provider.scheme()
        + "://"
        + Secrets.maskAddress(driver.address())
        + ", "
        + producer
        + ", "
        + consumer
        + "]";
  }
}
