package dev.isostream;

import java.util.Objects;

/** The one rule for names of topics and groups, so that a name legal here is legal everywhere. */
final class Names {

  private Names() {}

  static String check(String what, String name, int maxLength) {
    Objects.requireNonNull(name, what);
    if (name.isEmpty() || name.length() > maxLength || name.equals(".") || name.equals("..")) {
      throw illegal(what, name, maxLength);
    }
    for (int i = 0; i < name.length(); i++) {
      if (!isLegal(name.charAt(i))) {
        throw illegal(what, name, maxLength);
      }
    }
    return name;
  }

  private static boolean isLegal(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  private static InvalidRequestException illegal(String what, String name, int maxLength) {
    String shown = name.length() > 60 ? name.substring(0, 60) + "… (" + name.length() + ")" : name;
    return new InvalidRequestException(
        "Illegal "
            + what
            + " name \""
            + shown
            + "\": allowed are 1 to "
            + maxLength
            + " of letters, digits, '.', '_' and '-', but not \".\" or \"..\".");
  }
}
