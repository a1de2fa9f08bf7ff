package dev.isostream.conformance.rules;

import dev.isostream.conformance.scene.Scene;

/** D7 to D10: handlers, and the ways to settle. */
public final class DeliveryRules {

  private final Scene scene;

  /** For one test. */
  public DeliveryRules(Scene scene) {
    this.scene = scene;
  }

  @Override
  public String toString() {
    return "DeliveryRules[" + scene.limits() + "]";
  }
}
