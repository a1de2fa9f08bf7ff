/**
 * Administration of topics and groups: blocking, bounded by the request timeout, the same checks
 * and the same exceptions whichever driver answers.
 */
@NullMarked
package dev.isostream.core.admin;

import org.jspecify.annotations.NullMarked;
