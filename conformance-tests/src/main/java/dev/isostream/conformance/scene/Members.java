package dev.isostream.conformance.scene;

import dev.isostream.MemberBuilder;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import java.time.Duration;

/** What all members of the kit have in common unless a test says else. Stateless. */
final class Members {

  /** Tests leave with deliveries in hand, and nobody settles those. */
  private static final Duration DRAIN = Duration.ofSeconds(1);

  private Members() {}

  /**
   * From earliest; tried again at once, for ever, so that no dead-letter topic is needed; quick to
   * leave.
   */
  static <T, B extends MemberBuilder<T, B>> B defaults(B builder) {
    return builder
        .startAt(StartAt.earliest())
        .retry(Retry.fixed(Duration.ZERO).forever())
        .drainLimit(DRAIN);
  }
}
