package dev.isostream.core.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Duration;

/** What a producer has where its builder is told nothing else. Immutable. */
public record ProducerDefaults(
    @Allowed(min = "1ms", max = "1d")
        @JsonProperty(defaultValue = "2m")
        @JsonPropertyDescription("How long a send may stay undecided, retries included.")
        Duration deliveryTimeout,
    @Allowed(min = "1ms", max = "1d")
        @JsonProperty(defaultValue = "1m")
        @JsonPropertyDescription("How long a send may wait for room in flight.")
        Duration maxBlock,
    @Allowed(min = "1", max = "10000000")
        @JsonProperty(defaultValue = "100000")
        @JsonPropertyDescription("The most messages in flight.")
        Integer maxInFlightMessages,
    @Allowed(min = "1", max = "64GiB")
        @JsonProperty(defaultValue = "32MiB")
        @JsonPropertyDescription("The most bytes in flight, keys and headers included.")
        Long maxInFlightBytes) {}
