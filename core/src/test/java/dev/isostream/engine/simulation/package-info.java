/**
 * The seeded simulation: the whole engine on one thread, with a clock, an order of events, a broker
 * and its faults that all follow from one number.
 *
 * <p>{@code SimulationTest} runs it; a failing seed is printed with the command that replays it.
 */
@NullMarked
package dev.isostream.engine.simulation;

import org.jspecify.annotations.NullMarked;
