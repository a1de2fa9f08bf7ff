package dev.isostream.core.config;

import dev.isostream.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, so that all of it is said at once (contract E2). One thread only. */
public final class Problems {

  private static final int MOST_SHOWN = 50;

  private final String what;
  private final List<String> found = new ArrayList<>();

  /**
   * Starts with none.
   *
   * @param what has problems, in words, as in {@code The configuration}
   */
  public Problems(String what) {
    this.what = what;
  }

  /** Adds one. */
  public void add(String problem) {
    found.add(problem);
  }

  /** Judges values given in code, by the bounds that they have when they are configured. */
  public void check(Record given) {
    for (Property property : Property.of(given.getClass())) {
      property
          .problem(given)
          .ifPresent(
              p -> add(property.code() + " = " + property.value().apply(given) + ": " + p + "."));
    }
  }

  /** Whether there are none so far. */
  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** Fails with {@link ConfigurationException} where there are any. */
  public void throwIfAny() {
    if (found.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder(what);
    text.append(found.size() == 1 ? " has a problem:" : " has " + found.size() + " problems:");
    found.stream().limit(MOST_SHOWN).forEach(p -> text.append("\n  - ").append(p));
    if (found.size() > MOST_SHOWN) {
      text.append("\n  - and ").append(found.size() - MOST_SHOWN).append(" more");
    }
    throw new ConfigurationException(text.toString());
  }
}
