package dev.isostream.engine;

import dev.isostream.Topic;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** See {@link dev.isostream.ProducerBuilder}; checked already. */
public record ProducerSettings<T extends @Nullable Object>(
    Topic<T> topic,
    Duration deliveryTimeout,
    Duration maxBlock,
    int maxInFlightMessages,
    long maxInFlightBytes) {}
