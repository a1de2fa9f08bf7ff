package dev.isostream.core.config;

import java.time.Duration;

/** What a producer has where its builder is told nothing else. Immutable. */
public record ProducerDefaults(
    Duration deliveryTimeout, Duration maxBlock, int maxInFlightMessages, long maxInFlightBytes) {}
