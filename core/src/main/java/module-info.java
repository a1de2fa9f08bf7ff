/** The driver SPI for adapter authors, and the engine, which is exported to nobody. */
module dev.isostream.core {
  requires transitive dev.isostream.api;
  requires static transitive org.jspecify;
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.javaprop;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires com.fasterxml.jackson.datatype.jdk8;
  requires com.fasterxml.jackson.datatype.jsr310;

  exports dev.isostream.spi;
  exports dev.isostream.spi.log;

  // Configuration is bound to its records.
  opens dev.isostream.core.config to
      com.fasterxml.jackson.databind;

  uses dev.isostream.spi.DriverProvider;

  provides dev.isostream.CodecProvider with
      dev.isostream.core.JsonCodecProvider;
  provides dev.isostream.MessagingProvider with
      dev.isostream.core.DefaultMessagingProvider;
}
