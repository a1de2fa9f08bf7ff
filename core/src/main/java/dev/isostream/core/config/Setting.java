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
    DEFAULT,
    FILE,
    ENVIRONMENT,
    SYSTEM,
    CODE
  }

  /** Without the value, which may be a secret. */
  @Override
  public String toString() {
    return name + " (" + origin + ")";
  }
}
