/** What was measured, as text for people and for machines. */
@NullMarked
package dev.isostream.benchmarks.report;

import org.jspecify.annotations.NullMarked;
