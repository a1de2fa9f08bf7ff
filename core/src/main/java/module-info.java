/** The driver SPI for adapter authors, and the engine, which is exported to nobody. */
module dev.isostream.core {
  requires transitive dev.isostream.api;
  requires static transitive org.jspecify;

  exports dev.isostream.spi;

  uses dev.isostream.spi.DriverProvider;
}
