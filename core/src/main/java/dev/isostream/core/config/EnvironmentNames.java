package dev.isostream.core.config;

import java.util.Locale;

/**
 * How environment variables are called: {@code ISOSTREAM_}, then the property's name in capitals
 * with {@code _} for a dot, {@code __} for a dash and {@code ___} for an underscore. Each variable
 * means exactly one name, whichever names are known.
 */
final class EnvironmentNames {

  static final String PREFIX = "ISOSTREAM_";

  private EnvironmentNames() {}

  /** The property that a variable means; the variable starts with the prefix. */
  static String decode(String variable) {
    String rest = variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
    StringBuilder name = new StringBuilder(rest.length());
    int at = 0;
    while (at < rest.length()) {
      int end = at;
      while (end < rest.length() && rest.charAt(end) == '_') {
        end++;
      }
      if (end == at) {
        name.append(rest.charAt(at++));
      } else {
        name.append(separator(end - at));
        at = end;
      }
    }
    return name.toString();
  }

  private static String separator(int underscores) {
    return switch (underscores) {
      case 1 -> ".";
      case 2 -> "-";
      // Longer runs are no name that anything has; they are reported as unknown.
      default -> "_".repeat(underscores - 2);
    };
  }

  /** The variable for a property. */
  static String encode(String property) {
    return PREFIX
        + property
            .replace("_", "___")
            .replace("-", "__")
            .replace(".", "_")
            .toUpperCase(Locale.ROOT);
  }
}
