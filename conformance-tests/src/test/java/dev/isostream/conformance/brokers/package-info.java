/** The tools of the fault tests, tested on a real broker and real processes. */
@NullMarked
package dev.isostream.conformance.brokers;

import org.jspecify.annotations.NullMarked;
