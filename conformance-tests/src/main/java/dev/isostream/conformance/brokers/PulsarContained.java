package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.pulsar.PulsarContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** Pulsar's upstream image. */
final class PulsarContained extends ContainedBroker {
  private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);
  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(10);
  private static final String KEY_STORE = "/tmp/broker.p12";
  private static final String LAUNCHER = "/tmp/isostream-launcher";
  private static final String CHANGES = "/tmp/isostream-changes";

  /** Clients, HTTP, behind the proxy, TLS, HTTP over TLS. */
  private static final List<Integer> INNER_PORTS = List.of(6653, 8080, 6652, 6651, 8443);

  private static final int HTTP = 1;
  private static final int PROXIED = 2;
  private static final int TLS = 3;

  private final @Nullable PulsarGuard guard;

  PulsarContained(BrokerSettings settings, String image, boolean guarded) {
    this(
        settings,
        new PulsarContainer(
            DockerImageName.parse(image).asCompatibleSubstituteFor("apachepulsar/pulsar")),
        guarded);
  }

  private PulsarContained(BrokerSettings settings, PulsarContainer container, boolean guarded) {
    super(
        settings,
        "pulsar",
        "Pulsar",
        container,
        INNER_PORTS,
        PROXIED,
        ".*" + PulsarServerMain.READY + ".*",
        guarded);
    Path directory = directory();
    this.guard =
        directory == null
            ? null
            : PulsarGuard.with(SelfSignedCertificate.make(directory, List.of(host(), "localhost")));
    configure(container);
  }

  @Override
  public Map<String, String> properties() {
    return Map.of(PulsarServerSettings.ADMIN_URL, adminUrl());
  }

  private String adminUrl() {
    return "http://" + at(HTTP);
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(address(), at(TLS)));
  }

  private void configure(PulsarContainer container) {
    Map<String, String> settings = new HashMap<>(PulsarServerSettings.common());
    settings.put("brokerServicePort", "6650");
    settings.put("webServicePort", "8080");
    settings.put("advertisedAddress", "127.0.0.1");
    settings.put("internalListenerName", "inside");
    String advertised = "inside:pulsar://127.0.0.1:6650,plain:pulsar://" + at(0);
    settings.put("bindAddresses", "plain:pulsar://0.0.0.0:6653,proxied:pulsar://0.0.0.0:6652");
    if (guard != null) {
      settings.put("brokerServicePortTls", "6654");
      settings.put("webServicePortTls", "8443");
      settings.put(
          "bindAddresses", settings.get("bindAddresses") + ",plain:pulsar+ssl://0.0.0.0:6651");
      advertised += ",inside:pulsar+ssl://127.0.0.1:6654,plain:pulsar+ssl://" + at(TLS);
      settings.putAll(PulsarServerSettings.guarded(guard, KEY_STORE));
      copy(guard.certificate().keyStore(), KEY_STORE);
    }
    settings.put("advertisedListeners", advertised + ",proxied:pulsar://" + proxy().address());
    settings.forEach((name, value) -> container.withEnv("PULSAR_PREFIX_" + name, value));
    for (Class<?> type : List.of(PulsarServerMain.class, ParentWatch.class)) {
      String file = type.getName().replace('.', '/') + ".class";
      container.withCopyFileToContainer(
          MountableFile.forClasspathResource(file, 0644), LAUNCHER + "/" + file);
    }
    container.withCommand("bash", "-c", command());
  }

  /** As the image's own script, with the kit's main class in the place of Pulsar's. */
  private static String command() {
    return "cd /pulsar && bin/apply-config-from-env.py conf/standalone.conf && exec java -Xmx512m"
        + " -XX:MaxDirectMemorySize=512m "
        + String.join(" ", PulsarServerSettings.OPENED)
        + " -Dlog4j.configurationFile=log4j2.yaml -Dpulsar.log.root.level=warn"
        + " -Dpulsar.log.appender=Console -Dpulsar.log.dir=logs -Dpulsar.log.level=warn -cp"
        + " \"conf:lib/*:"
        + LAUNCHER
        + "\" "
        + PulsarServerMain.class.getName()
        + " alone "
        + CHANGES
        + " -c conf/standalone.conf -nfw -nss --bookkeeper-dir data/standalone/bookkeeper"
        + " --metadata-dir data/metadata --zookeeper-dir data/standalone/zookeeper";
  }

  @Override
  void awaitAnswer() {
    PulsarReadiness.await(adminUrl(), ANSWER_LIMIT);
  }

  /** As {@link PulsarLocal#control}. */
  @Override
  public synchronized String control(String... changes) {
    String wanted = String.join("\n", changes) + "\n";
    server().run("sh", "-c", "printf '%s\\n' " + String.join(" ", changes) + " > " + CHANGES);
    long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
    while (!server().run("cat", CHANGES + PulsarServerMain.DONE).getStdout().equals(wanted)) {
      if (System.nanoTime() - deadline > 0) {
        throw new BrokerUnavailableException("Pulsar did not take over " + wanted);
      }
    }
    return wanted;
  }
}
