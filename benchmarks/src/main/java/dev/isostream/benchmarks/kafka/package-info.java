/** Isostream beside the plain Kafka client: same broker, same run, rounds in turn. */
@NullMarked
package dev.isostream.benchmarks.kafka;

import org.jspecify.annotations.NullMarked;
