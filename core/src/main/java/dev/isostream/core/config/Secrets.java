package dev.isostream.core.config;

import dev.isostream.spi.DriverException;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows which settings are secrets, and keeps them out of everything people get to read (contract
 * E4).
 *
 * <p>Threads: filled by one, then read by any.
 */
public final class Secrets {

  static final String MASK = "***";

  private static final int SHORTEST_SCRUBBED = 4;
  private static final int DEEPEST = 50;
  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "pass(word|wd|phrase|code)|secret|token|credential|jaas|private"
              + "|(^|[._-])(api|access|ssl|encryption|signing)?key([._-]|$)");

  /** Where one value holds several settings, as in a JAAS entry: the secret ones among them. */
  private static final Pattern INNER =
      Pattern.compile(
          "(?i)[a-z.]*(?:password|secret|token|credential|key)[a-z.]*\\s*=\\s*"
              + "(?:\"([^\"]*)\"|'([^']*)'|([^\\s;,\"']+))");

  /** Longest first, so that one inside another leaves nothing behind. */
  private final Set<String> values =
      new TreeSet<>(
          Comparator.comparingInt(String::length)
              .reversed()
              .thenComparing(Comparator.naturalOrder()));

  /** Whether what a property holds is a secret, going by its name. */
  public static boolean isSecretName(String name) {
    return SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).find();
  }

  /** An address as it may be shown: without credentials, should somebody have put some there. */
  public static String maskAddress(String address) {
    int scheme = address.indexOf("://");
    int start = scheme < 0 ? 0 : scheme + "://".length();
    int at = address.lastIndexOf('@');
    String shown =
        at < start ? address : address.substring(0, start) + MASK + address.substring(at);
    int query = shown.indexOf('?');
    return query < 0 ? shown : shown.substring(0, query + 1) + MASK;
  }

  /** Remembers a value that must never show. */
  public void add(String value) {
    String stripped = value.strip();
    remember(stripped);
    Matcher matcher = INNER.matcher(stripped);
    while (matcher.find()) {
      for (int group = 1; group <= matcher.groupCount(); group++) {
        remember(matcher.group(group));
      }
    }
  }

  private void remember(@Nullable String value) {
    if (value != null && value.length() >= SHORTEST_SCRUBBED) {
      values.add(value);
    }
  }

  /** A text with every secret in it masked; secrets of three letters and less are left to luck. */
  public String scrub(String text) {
    String clean = text;
    for (String value : values) {
      clean = clean.replace(value, MASK);
    }
    return clean;
  }

  /**
   * The same failure, or where a text in it holds a secret one of the same kind and stack without
   * it.
   */
  public Throwable scrub(Throwable failure) {
    if (!holdsSecret(failure)) {
      return failure;
    }
    Throwable cause = failure.getCause();
    Throwable clean =
        failure instanceof DriverException driver
            ? new DriverException(
                driver.kind(),
                scrub(String.valueOf(driver.getMessage())),
                cause == null ? null : scrub(cause))
            : new IllegalStateException(scrub(failure.toString()));
    clean.setStackTrace(failure.getStackTrace());
    return clean;
  }

  private boolean holdsSecret(Throwable failure) {
    int depth = 0;
    for (Throwable at = failure; at != null && depth < DEEPEST; at = at.getCause(), depth++) {
      String text = at.toString();
      if (!scrub(text).equals(text)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "Secrets[" + values.size() + "]";
  }
}
