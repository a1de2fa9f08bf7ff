package dev.isostream.core.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.isostream.Retry;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a member retries where its builder is told nothing else. Immutable.
 *
 * @param maxAttempts empty for ever
 */
public record RetryDefaults(
    @Allowed(words = "1 to 1000000, or forever")
        @JsonProperty(defaultValue = "5")
        @JsonPropertyDescription("How often a delivery is attempted, the first time included.")
        OptionalInt maxAttempts,
    @Allowed(min = "0s", max = "1d")
        @JsonProperty(defaultValue = "200ms")
        @JsonPropertyDescription(
            "The wait after the first failed attempt; it doubles with each further one.")
        Duration firstDelay,
    @Allowed(min = "0s", max = "1d")
        @JsonProperty(defaultValue = "30s")
        @JsonPropertyDescription("The longest wait between attempts; at least the first delay.")
        Duration maxDelay,
    @Allowed(min = "0.0", max = "1.0")
        @JsonProperty(defaultValue = "0.2")
        @JsonPropertyDescription("By up to what share of it each wait is lengthened at random.")
        Double jitter) {

  /** The same as the API has it. */
  public Retry policy() {
    Retry retry = Retry.exponential(firstDelay, maxDelay).jitter(jitter);
    return maxAttempts.isPresent() ? retry.maxAttempts(maxAttempts.getAsInt()) : retry.forever();
  }
}
