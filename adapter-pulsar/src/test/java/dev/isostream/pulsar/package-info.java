/** What the conformance suite can't see of the adapter: translation, refusals, races of its own. */
@NullMarked
package dev.isostream.pulsar;

import org.jspecify.annotations.NullMarked;
