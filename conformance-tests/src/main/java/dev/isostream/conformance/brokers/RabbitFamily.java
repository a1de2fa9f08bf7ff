package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** RabbitMQ in its three modes. */
final class RabbitFamily implements BrokerFamily {
  private static final String IMAGE = "rabbitmq:4-management";

  /** With a local server at hand, an image is worth so much waiting. */
  private static final Duration QUICK = Duration.ofSeconds(30);

  private static final Duration PATIENT = Duration.ofMinutes(5);

  private final BrokerSettings settings;
  private final String image;

  RabbitFamily(BrokerSettings settings) {
    this.settings = settings;
    this.image = settings.get(BrokerSettings.RABBITMQ_IMAGE).orElse(IMAGE);
  }

  @Override
  public Choice choose() {
    return DockerEngine.obstacle(image, QUICK)
        .map(reason -> new Choice(BrokerMode.LOCAL, reason))
        .orElseGet(() -> new Choice(BrokerMode.CONTAINERS, "the Docker engine has " + image));
  }

  @Override
  public Optional<String> obstacle(BrokerMode mode) {
    if (mode != BrokerMode.CONTAINERS) {
      return Optional.empty(); // found out by starting it
    }
    return DockerEngine.obstacle(image, PATIENT)
        .map(
            reason ->
                reason
                    + ". Install and start a Docker engine (on Debian: 'apt-get install"
                    + " docker.io'), let it have "
                    + image
                    + " ('docker pull "
                    + image
                    + "'), or use -Dbrokers.mode=local.");
  }

  /** The stream protocol tells the release to users only; that something listens has to do. */
  private static String answer(String address, Duration limit) {
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          (int) limit.toMillis());
      return "unknown";
    } catch (IOException silent) {
      throw new BrokerUnavailableException("no RabbitMQ answers at " + address, silent);
    }
  }

  @Override
  public Broker create(BrokerMode mode, boolean guarded) {
    return switch (mode) {
      case LOCAL -> new RabbitLocal(settings, guarded);
      case CONTAINERS -> new RabbitContained(settings, image, guarded);
      case EXTERNAL ->
          new ExternalBroker(
              "rabbitmq",
              "RabbitMQ",
              settings.get(BrokerSettings.RABBITMQ_ADDRESS).orElseThrow(),
              RabbitFamily::answer);
      case EMBEDDED -> throw new IllegalArgumentException("there is no embedded RabbitMQ");
    };
  }
}
