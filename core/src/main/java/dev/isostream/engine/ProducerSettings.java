package dev.isostream.engine;

import dev.isostream.Topic;
import java.time.Duration;

/** See {@link dev.isostream.ProducerBuilder}; checked already. */
public record ProducerSettings<T>(
    Topic<T> topic,
    Duration deliveryTimeout,
    Duration maxBlock,
    int maxInFlightMessages,
    long maxInFlightBytes) {}
