package dev.isostream.conformance.brokers;

import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The standalone broker, with one bookie, and its metadata in RocksDB. */
final class PulsarLocal extends LocalBroker {
  private static final String DEFAULT_JVM =
      "-Xmx320m -XX:MaxDirectMemorySize=320m " + ChildJvm.QUICK;

  private static final Duration CHANGE_LIMIT = Duration.ofSeconds(10);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(10);
  private static final String LOGGING =
      """
      Configuration:
        status: ERROR
        Appenders:
          Console:
            name: out
            PatternLayout:
              pattern: "%d{HH:mm:ss.SSS} %p %m (%c)%n"
        Loggers:
          Root:
            level: WARN
            AppenderRef:
              ref: out
      """;

  /** Clients, HTTP, behind the proxy, the bookie, TLS, HTTP over TLS. */
  private static final int PORTS = 6;

  private static final int HTTP = 1;
  private static final int PROXIED = 2;
  private static final int BOOKIE = 3;
  private static final int TLS = 4;
  private static final int HTTP_TLS = 5;

  private final ServerClassPath classPath;
  private final List<String> jvmArguments;
  private final @Nullable PulsarGuard guard;

  PulsarLocal(ServerClassPath classPath, BrokerSettings settings, boolean guarded) {
    super(settings, "pulsar", "Pulsar", PORTS, PROXIED, PulsarServerMain.READY);
    this.classPath = classPath;
    this.jvmArguments =
        List.of(
            settings.get(BrokerSettings.PULSAR_JVM).orElse(DEFAULT_JVM).strip().split("\\s+", -1));
    this.guard =
        guarded
            ? PulsarGuard.with(SelfSignedCertificate.make(directory(), List.of(HOST, "localhost")))
            : null;
  }

  @Override
  public String version() {
    return classPath.version();
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

  @Override
  ProcessBuilder prepare() {
    try {
      Properties properties = new Properties();
      properties.putAll(serverSettings());
      try (BufferedWriter writer = Files.newBufferedWriter(file("standalone.conf"))) {
        properties.store(writer, null);
      }
      Files.writeString(file("log4j2.yaml"), LOGGING);
      LauncherFiles.copy(file("launcher"), PulsarServerMain.class, ParentWatch.class);
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write Pulsar's files in " + directory(), failed);
    }
    return new ProcessBuilder(command());
  }

  private Path file(String name) {
    return directory().resolve(name);
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(ChildJvm.javaBinary("java").toString());
    command.addAll(jvmArguments);
    command.addAll(List.of(PulsarServerSettings.OPENED));
    command.add("-Dlog4j.configurationFile=" + file("log4j2.yaml"));
    command.add("-cp");
    command.add(classPath.jars() + File.pathSeparator + file("launcher"));
    command.add(PulsarServerMain.class.getName());
    command.addAll(List.of("child", file("changes").toString()));
    command.addAll(List.of("-c", file("standalone.conf").toString(), "-nfw", "-nss"));
    command.addAll(List.of("--bookkeeper-port", Integer.toString(port(BOOKIE))));
    command.addAll(List.of("--bookkeeper-dir", file("bookie").toString()));
    command.addAll(List.of("--metadata-dir", file("metadata").toString()));
    command.addAll(List.of("--zookeeper-dir", file("zookeeper").toString()));
    return command;
  }

  private Map<String, String> serverSettings() {
    Map<String, String> settings = new LinkedHashMap<>(PulsarServerSettings.common());
    settings.put("bindAddress", HOST);
    settings.put("advertisedAddress", HOST);
    settings.put("brokerServicePort", Integer.toString(port(0)));
    settings.put("webServicePort", Integer.toString(port(HTTP)));
    // who comes by the second address is told the proxy's
    settings.put("bindAddresses", "proxied:pulsar://" + at(PROXIED));
    settings.put("internalListenerName", "plain");
    String advertised = "plain:pulsar://" + at(0);
    if (guard != null) {
      settings.put("brokerServicePortTls", Integer.toString(port(TLS)));
      settings.put("webServicePortTls", Integer.toString(port(HTTP_TLS)));
      advertised += ",plain:pulsar+ssl://" + at(TLS);
      settings.putAll(
          PulsarServerSettings.guarded(guard, guard.certificate().keyStore().toString()));
    }
    settings.put("advertisedListeners", advertised + ",proxied:pulsar://" + proxy().address());
    return settings;
  }

  @Override
  void awaitAnswer(Duration limit) {
    PulsarReadiness.await(adminUrl(), limit);
  }

  /**
   * Changes a number in the running broker's configuration, for topics that are loaded from then
   * on: {@code <field>=<number>} each.
   */
  @Override
  public synchronized String control(String... changes) {
    String wanted = String.join("\n", changes) + "\n";
    Path done = file("changes" + PulsarServerMain.DONE);
    long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
    try {
      Files.writeString(file("changes"), wanted);
      while (!Files.exists(done) || !Files.readString(done).equals(wanted)) {
        if (System.nanoTime() - deadline > 0) {
          throw new BrokerUnavailableException("Pulsar did not take over " + wanted);
        }
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      }
      return wanted;
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write " + file("changes"), failed);
    }
  }
}
