/** The backends of this project against the kit. */
@NullMarked
package dev.isostream.conformance.suite;

import org.jspecify.annotations.NullMarked;
