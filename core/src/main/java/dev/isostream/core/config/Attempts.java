package dev.isostream.core.config;

import java.util.OptionalInt;

/** A number of attempts, or {@code forever} (empty). */
record Attempts(int max) implements ValueType<OptionalInt> {

  private static final String FOREVER = "forever";

  @Override
  public OptionalInt parse(String text) {
    String stripped = text.strip();
    return stripped.equals(FOREVER)
        ? OptionalInt.empty()
        : OptionalInt.of(Integer.parseInt(stripped));
  }

  @Override
  public String format(OptionalInt value) {
    return value.isPresent() ? Integer.toString(value.getAsInt()) : FOREVER;
  }

  @Override
  public String allowed() {
    return "1 to " + max + ", or " + FOREVER;
  }

  @Override
  public boolean allows(OptionalInt value) {
    return value.isEmpty() || (value.getAsInt() >= 1 && value.getAsInt() <= max);
  }
}
