/** The Kinesis adapter beside its own client, and where the services refuse. */
@NullMarked
package dev.isostream.conformance.kinesis;

import org.jspecify.annotations.NullMarked;
