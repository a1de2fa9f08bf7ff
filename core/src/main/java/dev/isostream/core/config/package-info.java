/**
 * Configuration: where settings come from, what they are called, what they may be, and one report
 * of everything that is wrong with them (contract E2).
 *
 * <p>A setting is a name, a text and where it came from. Sources are read by {@link
 * dev.isostream.core.config.ConfigurationLoader}, later ones override earlier ones name by name;
 * Jackson binds what is left to {@link dev.isostream.core.config.CoreSettings}, whose components
 * say what the names are and what is allowed. What stands under a backend's name is judged by its
 * adapter.
 */
@NullMarked
package dev.isostream.core.config;

import org.jspecify.annotations.NullMarked;
