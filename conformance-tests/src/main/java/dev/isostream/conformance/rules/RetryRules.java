package dev.isostream.conformance.rules;

import dev.isostream.conformance.scene.Scene;

/** D4, D5: what failed comes again, later and counted. */
public final class RetryRules {

  private final Scene scene;

  /** For one test. */
  public RetryRules(Scene scene) {
    this.scene = scene;
  }

  @Override
  public String toString() {
    return "RetryRules[" + scene.limits() + "]";
  }
}
