package dev.isostream.core.config;

/**
 * One setting as given.
 *
 * @param name in full, without the {@code isostream} prefix
 * @param origin where it came from, as people call it
 */
record Setting(String name, String value, Level level, String origin) {

  /** Later ones override earlier ones. */
  enum Level {
    FILE(1),
    ENVIRONMENT(2),
    SYSTEM(3),
    CODE(4);

    private final int rank;

    Level(int rank) {
      this.rank = rank;
    }

    /** The greater one overrides; above 0. */
    int rank() {
      return rank;
    }
  }

  /** Without the value, which may be a secret. */
  @Override
  public String toString() {
    return name + " (" + origin + ")";
  }
}
