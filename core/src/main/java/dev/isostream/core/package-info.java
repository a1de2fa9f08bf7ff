/**
 * What an application meets behind {@link dev.isostream.Messaging}: configuration, builders with
 * their checks, administration, codecs, and the runtime of a real process. Exported to nobody;
 * found by {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.isostream.core;

import org.jspecify.annotations.NullMarked;
