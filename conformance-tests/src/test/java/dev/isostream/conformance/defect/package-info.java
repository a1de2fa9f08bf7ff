/**
 * The tests' own test: implementations that break a rule on purpose, each of which that rule's test
 * has to catch, for its own reason, while all other rules pass.
 */
@NullMarked
package dev.isostream.conformance.defect;

import org.jspecify.annotations.NullMarked;
