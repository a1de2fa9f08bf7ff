package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** The brokers of one kind: which modes they can be had in, and how one is made. */
final class BrokerFamily {

  /** A mode and the reason for it. */
  record Choice(BrokerMode mode, String reason) {}

  /** With a local server at hand, an image is worth so much waiting. */
  private static final Duration QUICK = Duration.ofSeconds(60);

  private static final Duration PATIENT = Duration.ofMinutes(5);

  private final Kind kind;
  private final BrokerSettings settings;
  private final String image;
  private final String addressName;

  /** What the families differ in. */
  private interface Kind {
    Broker local(BrokerSettings settings, boolean guarded);

    Broker contained(BrokerSettings settings, String image, boolean guarded);

    Broker external(String address);
  }

  private BrokerFamily(Kind kind, BrokerSettings settings, String image, String addressName) {
    this.kind = kind;
    this.settings = settings;
    this.image = image;
    this.addressName = addressName;
  }

  static BrokerFamily kafka(BrokerSettings settings) {
    Kind kind =
        new Kind() {
          @Override
          public Broker local(BrokerSettings settings, boolean guarded) {
            return new KafkaLocal(KafkaClassPath.find(settings), settings, guarded);
          }

          @Override
          public Broker contained(BrokerSettings settings, String image, boolean guarded) {
            return new KafkaContained(settings, image, guarded);
          }

          @Override
          public Broker external(String address) {
            return new ExternalBroker("kafka", "Kafka", address, KafkaReadiness::version);
          }
        };
    String image = settings.get(BrokerSettings.KAFKA_IMAGE).orElse("apache/kafka:4.3.1");
    return new BrokerFamily(kind, settings, image, BrokerSettings.KAFKA_ADDRESS);
  }

  static BrokerFamily redis(BrokerSettings settings) {
    Kind kind =
        new Kind() {
          @Override
          public Broker local(BrokerSettings settings, boolean guarded) {
            return new RedisLocal(RedisProgram.find(settings), settings, guarded);
          }

          @Override
          public Broker contained(BrokerSettings settings, String image, boolean guarded) {
            return new RedisContained(settings, image, guarded);
          }

          @Override
          public Broker external(String address) {
            return new ExternalBroker("redis", "Redis", address, RedisReadiness::version);
          }
        };
    String image = settings.get(BrokerSettings.REDIS_IMAGE).orElse("redis:8.2");
    return new BrokerFamily(kind, settings, image, BrokerSettings.REDIS_ADDRESS);
  }

  static BrokerFamily rabbitmq(BrokerSettings settings) {
    Kind kind =
        new Kind() {
          @Override
          public Broker local(BrokerSettings settings, boolean guarded) {
            return new RabbitLocal(RabbitProgram.find(settings), settings, guarded);
          }

          @Override
          public Broker contained(BrokerSettings settings, String image, boolean guarded) {
            return new RabbitContained(settings, image, guarded);
          }

          @Override
          public Broker external(String address) {
            return new ExternalBroker("rabbitmq", "RabbitMQ", address, BrokerFamily::listens);
          }
        };
    String image = settings.get(BrokerSettings.RABBITMQ_IMAGE).orElse("rabbitmq:4-management");
    return new BrokerFamily(kind, settings, image, BrokerSettings.RABBITMQ_ADDRESS);
  }

  /** Emulators of both services, behind one address. */
  static BrokerFamily kinesis(BrokerSettings settings) {
    Kind kind =
        new Kind() {
          @Override
          public Broker local(BrokerSettings settings, boolean guarded) {
            KinesisProgram program = KinesisProgram.find(settings);
            return new KinesisFront(
                settings,
                BrokerMode.LOCAL,
                directory -> new KinesisEmulators(program, directory),
                guarded);
          }

          @Override
          public Broker contained(BrokerSettings settings, String image, boolean guarded) {
            return new KinesisFront(
                settings, BrokerMode.CONTAINERS, directory -> new KinesisContainer(image), guarded);
          }

          @Override
          public Broker external(String address) {
            return new ExternalBroker("kinesis", "Kinesis", address, BrokerFamily::listens);
          }
        };
    String image = settings.get(BrokerSettings.KINESIS_IMAGE).orElse("localstack/localstack:4");
    return new BrokerFamily(kind, settings, image, BrokerSettings.KINESIS_ADDRESS);
  }

  /** Where nothing tells the release without credentials, that something listens has to do. */
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
      case LOCAL -> kind.local(settings, guarded);
      case CONTAINERS -> kind.contained(settings, image, guarded);
      case EXTERNAL -> kind.external(settings.get(addressName).orElseThrow());
      case EMBEDDED -> throw new IllegalArgumentException("no server is embedded");
    };
  }
}
