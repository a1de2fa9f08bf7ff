/** The scenario's own parts, tested. */
@NullMarked
package dev.isostream.conformance.scenario;

import org.jspecify.annotations.NullMarked;
