/**
 * What a rule's test works with: connections, senders, members and readers that record what they
 * do.
 */
@NullMarked
package dev.isostream.conformance.scene;

import org.jspecify.annotations.NullMarked;
