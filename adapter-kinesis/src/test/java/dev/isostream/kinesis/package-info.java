/** The adapter's own tests; behaviour is the conformance suite's. */
@NullMarked
package dev.isostream.kinesis;

import org.jspecify.annotations.NullMarked;
