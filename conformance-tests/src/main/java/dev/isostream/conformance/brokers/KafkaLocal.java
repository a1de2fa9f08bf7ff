package dev.isostream.conformance.brokers;

import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** One node, which is broker and controller. */
final class KafkaLocal extends LocalBroker {
  private static final String STARTED = "Kafka Server started";
  private static final String DEFAULT_JVM = "-Xmx256m " + ChildJvm.QUICK;
  private static final int PORTS = 5;
  private static final int PROXIED_PORT = 2;

  private final ServerClassPath classPath;
  private final List<String> jvmArguments;
  private final KafkaFiles files;
  private final String clusterId;
  private final @Nullable KafkaGuard guard;

  KafkaLocal(ServerClassPath classPath, BrokerSettings settings, boolean guarded) {
    super(settings, "kafka", "Kafka", PORTS, PROXIED_PORT, STARTED);
    this.classPath = classPath;
    this.jvmArguments =
        List.of(
            settings.get(BrokerSettings.KAFKA_JVM).orElse(DEFAULT_JVM).strip().split("\\s+", -1));
    this.files = new KafkaFiles(directory());
    this.clusterId = Uuid.randomUuid().toString();
    this.guard =
        guarded
            ? KafkaGuard.with(SelfSignedCertificate.make(directory(), List.of(HOST, "localhost")))
            : null;
  }

  @Override
  public String version() {
    return classPath.version();
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(3), at(4)));
  }

  @Override
  ProcessBuilder prepare() {
    files.write(serverSettings());
    return new ProcessBuilder(command());
  }

  @Override
  void awaitAnswer(Duration limit) {
    KafkaReadiness.await(address(), limit);
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(ChildJvm.javaBinary("java").toString());
    command.addAll(jvmArguments);
    command.add("-Dlog4j2.configurationFile=" + files.logging());
    command.add("-cp");
    command.add(classPath.jars() + File.pathSeparator + files.launcher());
    command.add(KafkaServerMain.class.getName());
    command.add(files.settings().toString());
    command.add(clusterId);
    return command;
  }

  private Map<String, String> serverSettings() {
    Map<String, String> settings = new LinkedHashMap<>(KafkaServerSettings.common());
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put("controller.quorum.voters", "1@" + at(1));
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("inter.broker.listener.name", "PLAINTEXT");
    settings.put("log.dirs", files.data().toString());
    String listeners = "PLAINTEXT://" + at(0) + ",PROXIED://" + at(PROXIED_PORT);
    String advertised = "PLAINTEXT://" + at(0) + ",PROXIED://" + proxy().address();
    String protocols = "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT";
    if (guard != null) {
      String guarded = ",LOGIN://" + at(3) + ",TLS://" + at(4);
      listeners += guarded;
      advertised += guarded;
      protocols += ",LOGIN:SASL_PLAINTEXT,TLS:SSL";
      settings.putAll(
          KafkaServerSettings.guarded(guard, guard.certificate().keyStore().toString()));
    }
    settings.put("listeners", listeners + ",CONTROLLER://" + at(1));
    settings.put("advertised.listeners", advertised);
    settings.put("listener.security.protocol.map", protocols);
    return settings;
  }
}
