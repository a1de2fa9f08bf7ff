/** Hand-made drivers and a clock that tests move, for the parts of the engine one by one. */
@NullMarked
package dev.isostream.engine.testing;

import org.jspecify.annotations.NullMarked;
