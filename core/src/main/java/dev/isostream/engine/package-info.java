/**
 * The engine's seams and settings: what everything in it is built on. Exported to nobody.
 *
 * <p>Time, timers, randomness, threads and executors come from {@link
 * dev.isostream.engine.EngineRuntime} and from nowhere else, so that the whole engine runs under a
 * seeded simulation.
 */
@NullMarked
package dev.isostream.engine;

import org.jspecify.annotations.NullMarked;
