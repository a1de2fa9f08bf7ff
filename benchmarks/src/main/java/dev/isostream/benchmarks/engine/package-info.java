/** JMH benchmarks of the engine, on the backend in memory. */
@NullMarked
package dev.isostream.benchmarks.engine;

import org.jspecify.annotations.NullMarked;
