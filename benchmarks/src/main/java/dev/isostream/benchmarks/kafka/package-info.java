/** The plain Kafka client, and how its broker is had. */
@NullMarked
package dev.isostream.benchmarks.kafka;

import org.jspecify.annotations.NullMarked;
