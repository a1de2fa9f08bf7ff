/** The results of runs as JSON, Markdown and HTML. */
@NullMarked
package dev.isostream.conformance.report;

import org.jspecify.annotations.NullMarked;
