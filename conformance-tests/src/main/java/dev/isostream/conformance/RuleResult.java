package dev.isostream.conformance;

import dev.isostream.conformance.scene.Evidence;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of one rule's test.
 *
 * @param reason why it failed or was not run; empty where it passed
 * @param failure what it failed with; null where it did not
 */
public record RuleResult(
    RuleTest test,
    Status status,
    String reason,
    Evidence.Summary evidence,
    Duration took,
    @Nullable Throwable failure) {

  /** Of a test that was not run. */
  public static RuleResult notRun(RuleTest test, String reason) {
    return new RuleResult(
        test, Status.NOT_RUN, reason, Evidence.Summary.none(), Duration.ZERO, null);
  }
}
