package dev.isostream.engine.publish;

import java.time.Duration;

/**
 * What an outbox is made with.
 *
 * @param producerId unique through all time (contract P4)
 */
record OutboxSettings(
    String topic, String producerId, Duration deliveryTimeout, long maxInFlightBytes) {}
