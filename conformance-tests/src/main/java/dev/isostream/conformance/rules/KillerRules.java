package dev.isostream.conformance.rules;

import dev.isostream.conformance.scene.Scene;

/** D5, D11: what a death counts for. */
public final class KillerRules {

  private final Scene scene;

  /** For one test. */
  public KillerRules(Scene scene) {
    this.scene = scene;
  }

  @Override
  public String toString() {
    return "KillerRules[" + scene.limits() + "]";
  }
}
