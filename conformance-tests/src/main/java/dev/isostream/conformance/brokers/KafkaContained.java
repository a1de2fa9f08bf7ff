package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Kafka's upstream image. */
final class KafkaContained extends ContainedBroker {
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);
  private static final String KEY_STORE = "/tmp/broker.p12";

  private static final String SERVING = ".*Transitioning from RECOVERY to RUNNING.*";
  private static final String DATA = "/tmp/kafka-logs";

  /**
   * Docker's start runs the command again, and the image's would format the storage again, which
   * not every one tolerates. A broker that has data goes on with the settings that the first start
   * has written.
   */
  private static final String RESTART =
      "[ -f "
          + DATA
          + "/meta.properties ] && exec /opt/kafka/bin/kafka-server-start.sh"
          + " /opt/kafka/config/server.properties; ";

  /** Plain, behind the proxy, by login, TLS. */
  private static final List<Integer> INNER_PORTS = List.of(9092, 9095, 9096, 9097);

  private static final int PROXIED_PORT = 1;

  /**
   * Sends SIGTERM to the broker itself: the image's first process is a shell, which would not pass
   * it on. The brackets keep this script from finding itself.
   */
  private static final String TERMINATE =
      "for p in /proc/[0-9]*; do case \"$(tr '\\0' ' ' <$p/cmdline)\" in *kafka[.]Kafka*) kill"
          + " ${p#/proc/};; esac; done 2>/dev/null";

  private final @Nullable KafkaGuard guard;

  KafkaContained(BrokerSettings settings, String image, boolean guarded) {
    this(
        settings,
        new KafkaContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("apache/kafka")),
        guarded);
  }

  private KafkaContained(BrokerSettings settings, KafkaContainer container, boolean guarded) {
    super(settings, "kafka", "Kafka", container, INNER_PORTS, PROXIED_PORT, SERVING, guarded);
    Path directory = directory();
    this.guard =
        directory == null
            ? null
            : KafkaGuard.with(SelfSignedCertificate.make(directory, List.of(host(), "localhost")));
    configure(container);
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(2), at(3)));
  }

  @Override
  void awaitAnswer() {
    KafkaReadiness.await(address(), ANSWER_LIMIT);
  }

  @Override
  public synchronized void stop() {
    server().stopBy("sh", "-c", TERMINATE);
  }

  private void configure(KafkaContainer container) {
    container.withEnv("KAFKA_LOG_DIRS", DATA);
    container.withCommand("sh", "-c", RESTART + container.getCommandParts()[2]);
    environment(container, KafkaServerSettings.common());
    if (guard != null) {
      Map<String, String> env = new HashMap<>(container.getEnvMap());
      container.withEnv(
          "KAFKA_LISTENERS",
          env.get("KAFKA_LISTENERS") + ",LOGIN://0.0.0.0:9096,TLS://0.0.0.0:9097");
      container.withEnv(
          "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
          env.get("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP") + ",LOGIN:SASL_PLAINTEXT,TLS:SSL");
      environment(container, KafkaServerSettings.guarded(guard, KEY_STORE));
      copy(guard.certificate().keyStore(), KEY_STORE);
    }
    // The class can add plain listeners only. What it makes of the supplied text is the tail of the
    // list of advertised
    // listeners, so the guarded ones can follow the one that it names.
    container.withListener("0.0.0.0:9095", this::advertised);
  }

  private String advertised() {
    String guarded = guard == null ? "" : ",LOGIN://" + at(2) + ",TLS://" + at(3);
    return proxy().address() + guarded;
  }

  private static void environment(KafkaContainer container, Map<String, String> settings) {
    settings.forEach(
        (name, value) -> container.withEnv(KafkaServerSettings.environmentName(name), value));
  }
}
