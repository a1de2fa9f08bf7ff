package dev.isostream.conformance.defect;

import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;

/** A broken implementation: what is put around the driver, around the engine, or both. */
interface Variant {

  /** The settings with which the real driver is opened. */
  default DriverConfig config(DriverConfig given) {
    return given;
  }

  /** What the engine gets as the driver. */
  default Driver driver(Driver real) {
    return real;
  }

  /** What the application gets. */
  default Messaging messaging(Messaging real) {
    return real;
  }

  /** How the application opens it. */
  default Messaging open(MessagingBuilder builder) {
    return messaging(builder.open());
  }
}
