/** The plain client of Pulsar, and how its broker is had. */
@NullMarked
package dev.isostream.benchmarks.pulsar;

import org.jspecify.annotations.NullMarked;
