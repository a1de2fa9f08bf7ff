/** What Isostream costs. */
@NullMarked
package dev.isostream.benchmarks;

import org.jspecify.annotations.NullMarked;
