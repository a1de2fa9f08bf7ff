/**
 * One scenario, made from a seed, that every backend plays, and what has to be the same afterwards.
 *
 * <p>{@code Scenario} says what is to happen, {@code Play} makes it happen, {@code Recording} is
 * what did, {@code Normalised} is what of that may not depend on the backend.
 */
@NullMarked
package dev.isostream.conformance.scenario;

import org.jspecify.annotations.NullMarked;
