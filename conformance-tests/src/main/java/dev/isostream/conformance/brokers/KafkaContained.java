package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * The upstream image in Testcontainers' own {@link KafkaContainer}. Its ports are published on
 * fixed ports of the host, since Docker would choose others at the next start, and a Kafka tells
 * its clients the ones of its first.
 */
final class KafkaContained implements Broker {
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

  /** In the order of {@link #ports}: plain, behind the proxy, by login, TLS. */
  private static final List<Integer> INNER_PORTS = List.of(9092, 9095, 9096, 9097);

  /**
   * Sends SIGTERM to the broker itself: the image's first process is a shell, which would not pass
   * it on. The brackets keep this script from finding itself.
   */
  private static final String TERMINATE =
      "for p in /proc/[0-9]*; do case \"$(tr '\\0' ' ' <$p/cmdline)\" in *kafka[.]Kafka*) kill"
          + " ${p#/proc/};; esac; done 2>/dev/null";

  private final KafkaContainer container;
  private final ContainedServer server;
  private final String version;
  private final List<Integer> ports = Ports.free(INNER_PORTS.size());
  private final String host;
  private final TcpProxy proxy;
  private final @Nullable Path directory;
  private final @Nullable KafkaGuard guard;

  KafkaContained(BrokerSettings settings, String image, boolean guarded) {
    DockerImageName name = DockerImageName.parse(image).asCompatibleSubstituteFor("apache/kafka");
    this.container = new KafkaContainer(name);
    this.server = new ContainedServer("Kafka", container, SERVING);
    this.version = name.getVersionPart();
    DockerClientFactory.instance().client(); // before the host is asked for, which may need it
    this.host = container.getHost();
    this.proxy = TcpProxy.open(at(1));
    this.directory = guarded ? WorkDirectory.create(settings.directory(), "kafka") : null;
    this.guard =
        directory == null
            ? null
            : KafkaGuard.with(SelfSignedCertificate.make(directory, List.of(host, "localhost")));
    configure();
  }

  private void configure() {
    container.withEnv("KAFKA_LOG_DIRS", DATA);
    container.withCommand("sh", "-c", RESTART + container.getCommandParts()[2]);
    container.setPortBindings(List.of(binding(0), binding(1), binding(2), binding(3)));
    environment(KafkaServerSettings.common());
    if (guard != null) {
      Map<String, String> env = new HashMap<>(container.getEnvMap());
      container.withEnv(
          "KAFKA_LISTENERS",
          env.get("KAFKA_LISTENERS") + ",LOGIN://0.0.0.0:9096,TLS://0.0.0.0:9097");
      container.withEnv(
          "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
          env.get("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP") + ",LOGIN:SASL_PLAINTEXT,TLS:SSL");
      environment(KafkaServerSettings.guarded(guard, KEY_STORE));
      container.withCopyFileToContainer(
          MountableFile.forHostPath(guard.certificate().keyStore(), 0644), KEY_STORE);
    }
    // The class can add plain listeners only. What it makes of the supplied text is the tail of the
    // list of advertised
    // listeners, so the guarded ones can follow the one that it names.
    container.withListener("0.0.0.0:9095", this::advertised);
  }

  private String advertised() {
    String guarded = guard == null ? "" : ",LOGIN://" + at(2) + ",TLS://" + at(3);
    return proxy.address() + guarded;
  }

  private void environment(Map<String, String> settings) {
    settings.forEach(
        (name, value) -> container.withEnv(KafkaServerSettings.environmentName(name), value));
  }

  private String binding(int index) {
    return ports.get(index) + ":" + INNER_PORTS.get(index);
  }

  private String at(int index) {
    return host + ":" + ports.get(index);
  }

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.CONTAINERS;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public String address() {
    return at(0);
  }

  @Override
  public TcpProxy proxy() {
    return proxy;
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(2), at(3)));
  }

  @Override
  public synchronized boolean isRunning() {
    return server.isRunning();
  }

  @Override
  public synchronized void start() {
    if (!isRunning()) {
      server.start();
      KafkaReadiness.await(address(), ANSWER_LIMIT);
    }
  }

  @Override
  public synchronized void kill() {
    server.kill();
  }

  @Override
  public synchronized void stop() {
    server.stopBy("sh", "-c", TERMINATE);
  }

  @Override
  public synchronized void pause() {
    server.pause();
  }

  @Override
  public synchronized void resume() {
    server.resume();
  }

  @Override
  public synchronized List<String> logTail(int lines) {
    return server.logTail(lines);
  }

  @Override
  public synchronized void close() {
    server.close();
    proxy.close();
    if (directory != null) {
      WorkDirectory.delete(directory);
    }
  }

  @Override
  public String toString() {
    return "Kafka " + version() + " at " + address() + " (" + mode() + ")";
  }
}
