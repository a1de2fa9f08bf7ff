package dev.isostream.core.config;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How environment variables are called: {@code ISOSTREAM_}, then the property's name in capitals
 * with {@code _} for a dot, {@code __} for a dash and {@code ___} for an underscore. Each variable
 * means exactly one name, whichever names are known.
 */
final class EnvironmentNames {

  static final String PREFIX = "ISOSTREAM_";

  private static final Pattern SEPARATOR = Pattern.compile("_+");

  private EnvironmentNames() {}

  /** The property that a variable means; the variable starts with the prefix. */
  static String decode(String variable) {
    return SEPARATOR
        .matcher(variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT))
        .replaceAll(
            run ->
                switch (run.group().length()) {
                  case 1 -> ".";
                  case 2 -> "-";
                  // Longer runs are no name that anything has; they are reported as unknown.
                  default -> run.group().substring(2);
                });
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
