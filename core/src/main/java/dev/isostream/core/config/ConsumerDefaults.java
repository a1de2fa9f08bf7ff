package dev.isostream.core.config;

import dev.isostream.Retry;
import java.time.Duration;

/** What a member of a group has where its builder is told nothing else. Immutable. */
public record ConsumerDefaults(
    int concurrency,
    int maxInFlightMessages,
    long maxInFlightBytes,
    Duration drainLimit,
    Duration stuckAfter,
    Retry retry) {}
