package dev.isostream.conformance.brokers;

import java.time.Duration;
import java.util.Optional;

/** Kafka in its three modes. */
final class KafkaFamily implements BrokerFamily {
  private static final String IMAGE = "apache/kafka:4.3.1";

  /** With a local broker at hand, an image is worth so much waiting. */
  private static final Duration QUICK = Duration.ofSeconds(60);

  private static final Duration PATIENT = Duration.ofMinutes(5);

  private final BrokerSettings settings;
  private final String image;

  KafkaFamily(BrokerSettings settings) {
    this.settings = settings;
    this.image = settings.get(BrokerSettings.KAFKA_IMAGE).orElse(IMAGE);
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

  @Override
  public Broker create(BrokerMode mode, boolean guarded) {
    return switch (mode) {
      case LOCAL -> new KafkaLocal(settings, guarded);
      case CONTAINERS -> new KafkaContained(settings, image, guarded);
      case EXTERNAL ->
          new ExternalBroker(
              "kafka",
              "Kafka",
              settings.get(BrokerSettings.KAFKA_ADDRESS).orElseThrow(),
              KafkaReadiness::version);
      case EMBEDDED -> throw new IllegalArgumentException("there is no embedded Kafka");
    };
  }
}
