package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The brokers of one kind: which modes they can be had in, and how one is made. */
final class BrokerFamily {

  /** A mode and the reason for it. */
  record Choice(BrokerMode mode, String reason) {}

  /** With a local server at hand, an image is worth so much waiting. */
  private static final Duration QUICK = Duration.ofSeconds(60);

  private static final Duration PATIENT = Duration.ofMinutes(5);

  private final String name;
  private final String product;
  private final BrokerSettings settings;
  private final String image;
  private final Local local;
  private final Contained contained;
  private final ExternalBroker.Answer answer;

  /** Makes a broker as a child process. */
  private interface Local {
    Broker make(BrokerSettings settings, boolean guarded);
  }

  /** Makes a broker of an image. */
  private interface Contained {
    Broker make(BrokerSettings settings, String image, boolean guarded);
  }

  private BrokerFamily(
      String name,
      String product,
      BrokerSettings settings,
      String usualImage,
      Local local,
      Contained contained,
      ExternalBroker.Answer answer) {
    this.name = name;
    this.product = product;
    this.settings = settings;
    this.image = settings.image(name).orElse(usualImage);
    this.local = local;
    this.contained = contained;
    this.answer = answer;
  }

  /** All that there are, by name. */
  static Map<String, BrokerFamily> all(BrokerSettings settings) {
    return Stream.of(
            new BrokerFamily(
                "kafka",
                "Kafka",
                settings,
                "apache/kafka:4.3.1",
                (s, guarded) -> new KafkaLocal(ServerClassPath.kafka(s), s, guarded),
                KafkaContained::new,
                KafkaReadiness::version),
            new BrokerFamily(
                "redis",
                "Redis",
                settings,
                "redis:8.2",
                (s, guarded) -> new RedisLocal(RedisProgram.find(s), s, guarded),
                RedisContained::new,
                RedisReadiness::version),
            new BrokerFamily(
                "rabbitmq",
                "RabbitMQ",
                settings,
                "rabbitmq:4-management",
                (s, guarded) -> new RabbitLocal(RabbitProgram.find(s), s, guarded),
                RabbitContained::new,
                BrokerFamily::listens),
            new BrokerFamily(
                "pulsar",
                "Pulsar",
                settings,
                "apachepulsar/pulsar:4.0.8",
                (s, guarded) -> new PulsarLocal(ServerClassPath.pulsar(s), s, guarded),
                PulsarContained::new,
                BrokerFamily::listens),
            new BrokerFamily(
                "kinesis",
                "Kinesis",
                settings,
                "localstack/localstack:4",
                KinesisFront::local,
                KinesisFront::contained,
                BrokerFamily::listens))
        .collect(Collectors.toUnmodifiableMap(family -> family.name, Function.identity()));
  }

  /** Where nothing tells the release to strangers, that something listens has to do. */
  private static String listens(String address, Duration limit) {
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          (int) limit.toMillis());
      return "unknown";
    } catch (IOException silent) {
      throw new BrokerUnavailableException("nothing answers at " + address, silent);
    }
  }

  /**
   * The way to take when none was asked for by name, and why this one. May ask the Docker engine;
   * bounded.
   */
  Choice choose() {
    return DockerEngine.obstacle(image, QUICK)
        .map(reason -> new Choice(BrokerMode.LOCAL, reason))
        .orElseGet(() -> new Choice(BrokerMode.CONTAINERS, "the Docker engine has " + image));
  }

  /** Why this mode is not to be had here, and what to install; empty when it is. Bounded. */
  Optional<String> obstacle(BrokerMode mode) {
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

  /** A handle on a broker, not started yet. */
  Broker create(BrokerMode mode, boolean guarded) {
    return switch (mode) {
      case LOCAL -> local.make(settings, guarded);
      case CONTAINERS -> contained.make(settings, image, guarded);
      case EXTERNAL ->
          new ExternalBroker(
              name,
              product,
              settings.address(name).orElseThrow(),
              answer,
              settings.properties(name));
      case EMBEDDED -> throw new IllegalArgumentException("no server is embedded");
    };
  }
}
