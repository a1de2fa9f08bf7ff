package dev.isostream.examples;

/** Something came out otherwise than the contract says. */
final class WrongOutcome extends RuntimeException {

  private static final long serialVersionUID = 1L;

  WrongOutcome(String message) {
    super(message);
  }

  static void unless(boolean right, String message) {
    if (!right) {
      throw new WrongOutcome(message);
    }
  }
}
