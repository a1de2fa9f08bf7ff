package dev.isostream.core.config;

import dev.isostream.InvalidRequestException;
import java.util.regex.Pattern;

/** The one rule for names of groups and topics; the same as the API's for topics. */
public final class Names {

  /** The longest name of a group, in characters. */
  public static final int MAX_GROUP = 100;

  private static final Pattern LETTERS = Pattern.compile("[A-Za-z0-9._-]+");
  private static final int SHOWN = 60;

  private Names() {}

  /** Whether this is a legal name. */
  public static boolean isLegal(String name, int maxLength) {
    return name.length() <= maxLength
        && LETTERS.matcher(name).matches()
        && !name.equals(".")
        && !name.equals("..");
  }

  /** The rule in words. */
  public static String allowed(int maxLength) {
    return "1 to " + maxLength + " of letters, digits, '.', '_' and '-', but not \".\" or \"..\"";
  }

  /** A name as it may stand in a message. */
  public static String shown(String name) {
    return name.length() > SHOWN ? name.substring(0, SHOWN) + "… (" + name.length() + ")" : name;
  }

  /** Fails with {@link InvalidRequestException} for an illegal name. */
  public static String check(String what, String name, int maxLength) {
    if (!isLegal(name, maxLength)) {
      throw new InvalidRequestException(
          "Illegal "
              + what
              + " name \""
              + shown(name)
              + "\": allowed: "
              + allowed(maxLength)
              + ".");
    }
    return name;
  }
}
