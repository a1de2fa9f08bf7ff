package dev.isostream.core.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Duration;

/** What a member of a group has where its builder is told nothing else. Immutable. */
public record ConsumerDefaults(
    @Allowed(min = "1", max = "10000")
        @JsonProperty(defaultValue = "16")
        @JsonPropertyDescription("The most deliveries being handled at once (push).")
        Integer concurrency,
    @Allowed(min = "1", max = "1000000")
        @JsonProperty(defaultValue = "10000")
        @JsonPropertyDescription("The most messages fetched and not yet settled.")
        Integer maxInFlightMessages,
    @Allowed(min = "1", max = "64GiB")
        @JsonProperty(defaultValue = "64MiB")
        @JsonPropertyDescription("The most bytes fetched and not yet settled.")
        Long maxInFlightBytes,
    @Allowed(min = "1ms", max = "1h")
        @JsonProperty(defaultValue = "30s")
        @JsonPropertyDescription("How long running handlers may hold up a share that moves on.")
        Duration drainLimit,
    @Allowed(min = "1ms", max = "7d")
        @JsonProperty(defaultValue = "1m")
        @JsonPropertyDescription("After how long an unsettled delivery is reported.")
        Duration stuckAfter,
    RetryDefaults retry) {}
