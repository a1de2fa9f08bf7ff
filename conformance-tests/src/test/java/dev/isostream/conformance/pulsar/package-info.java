/** What shows at a Pulsar itself, and to its own clients. */
@NullMarked
package dev.isostream.conformance.pulsar;

import org.jspecify.annotations.NullMarked;
