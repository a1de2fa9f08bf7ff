package dev.isostream.conformance.rules;

import dev.isostream.conformance.scene.Scene;

/** D6: what is given up is kept. */
public final class DeadLetterRules {

  private final Scene scene;

  /** For one test. */
  public DeadLetterRules(Scene scene) {
    this.scene = scene;
  }

  @Override
  public String toString() {
    return "DeadLetterRules[" + scene.limits() + "]";
  }
}
