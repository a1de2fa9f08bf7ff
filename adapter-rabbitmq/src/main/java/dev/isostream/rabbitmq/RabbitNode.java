package dev.isostream.rabbitmq;

import java.util.Optional;
import java.util.regex.Pattern;

/** Where a node listens. */
record RabbitNode(String host, int port) {

  private static final Pattern TEXT =
      Pattern.compile("(?<host>[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]):(?<port>[0-9]{1,5})");

  /** Empty where the text is not {@code host:port}. */
  static Optional<RabbitNode> parse(String text) {
    var matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int port = Integer.parseInt(matcher.group("port"));
    return port > 0 && port <= 65_535
        ? Optional.of(new RabbitNode(matcher.group("host"), port))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
