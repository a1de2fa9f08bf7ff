/** Small programs that run on every backend; which one, only their configuration says. */
@NullMarked
package dev.isostream.examples;

import org.jspecify.annotations.NullMarked;
