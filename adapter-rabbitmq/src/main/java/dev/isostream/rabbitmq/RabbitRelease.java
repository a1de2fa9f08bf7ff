package dev.isostream.rabbitmq;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server's release, as far as it matters. Immutable. */
record RabbitRelease(int major, int minor) {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");

  /** The oldest that is tested. */
  private static final RabbitRelease OLDEST = new RabbitRelease(3, 10);

  /** Of a text like {@code 4.0.5}; what is none counts as new. */
  static RabbitRelease of(String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? new RabbitRelease(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
        : new RabbitRelease(Integer.MAX_VALUE, 0);
  }

  private boolean isBefore(RabbitRelease other) {
    return major < other.major || (major == other.major && minor < other.minor);
  }

  /** Fails where it is too old. */
  void requireSupported(RabbitNode node) {
    if (isBefore(OLDEST)) {
      throw new DriverException(
          ErrorKind.INVALID,
          "RabbitMQ at "
              + node
              + " is release "
              + major
              + "."
              + minor
              + ", which is too old; allowed is "
              + OLDEST.major
              + "."
              + OLDEST.minor
              + " or newer.",
          null);
    }
  }
}
