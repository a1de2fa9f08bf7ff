/** The tests of the rules, one class for each family (two where one would be too long). */
@NullMarked
package dev.isostream.conformance.rules;

import org.jspecify.annotations.NullMarked;
