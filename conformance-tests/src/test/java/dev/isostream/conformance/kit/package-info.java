/** Tests of the kit itself. */
@NullMarked
package dev.isostream.conformance.kit;

import org.jspecify.annotations.NullMarked;
