/** Kinesis: what a message costs, beside {@code PutRecords} by hand. */
@NullMarked
package dev.isostream.benchmarks.kinesis;

import org.jspecify.annotations.NullMarked;
