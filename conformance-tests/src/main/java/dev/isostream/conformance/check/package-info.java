/** Pure judges of histories: each takes events and gives the violations it finds. */
@NullMarked
package dev.isostream.conformance.check;

import org.jspecify.annotations.NullMarked;
