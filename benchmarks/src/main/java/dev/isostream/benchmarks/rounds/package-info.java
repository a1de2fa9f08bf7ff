/**
 * Isostream beside a backend's plain client: same broker, same run, rounds in turn. What is
 * different from backend to backend is behind {@link dev.isostream.benchmarks.rounds.Backend}.
 */
@NullMarked
package dev.isostream.benchmarks.rounds;

import org.jspecify.annotations.NullMarked;
