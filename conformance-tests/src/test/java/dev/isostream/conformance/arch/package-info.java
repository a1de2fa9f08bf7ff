/** What may use what, checked over all modules at once. */
@NullMarked
package dev.isostream.conformance.arch;

import org.jspecify.annotations.NullMarked;
