/** The Kafka driver alone, at the level of the SPI, against a real broker. */
@NullMarked
package dev.isostream.conformance.kafka;

import org.jspecify.annotations.NullMarked;
