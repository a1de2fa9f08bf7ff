package dev.isostream.spi;

import java.time.Duration;

/**
 * What a sink is opened with.
 *
 * @param producerId unique for this producer, through all time; for backends that de-duplicate by
 *     name
 * @param deliveryTimeout how long a client that retries by itself may go on
 * @param maxInFlightBytes what the engine lets in at most; the client's buffer must hold it, so
 *     that {@link Sink#append} never waits
 */
public record SinkSpec(
    String topic, String producerId, Duration deliveryTimeout, long maxInFlightBytes) {}
