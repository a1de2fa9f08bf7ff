/** What happened during a test, event by event, with monotonic times. */
@NullMarked
package dev.isostream.conformance.history;

import org.jspecify.annotations.NullMarked;
