package dev.isostream.conformance.brokers;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker as a child process: one node, one data directory, the same ports for life.
 */
final class KafkaLocal implements Broker {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final String STARTED = "Kafka Server started";
  private static final String DEFAULT_JVM = "-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
  private static final String HOST = "127.0.0.1";
  private static final int KEPT_LINES = 5_000;
  private static final int SHOWN_LINES = 30;

  private final KafkaClassPath classPath;
  private final List<String> jvmArguments;
  private final Path directory;
  private final KafkaFiles files;
  private final LogFile log;
  private final String clusterId;
  private final List<Integer> ports;
  private final TcpProxy proxy;
  private final @Nullable KafkaGuard guard;
  private @Nullable ChildProcess process;

  KafkaLocal(BrokerSettings settings, boolean guarded) {
    this.classPath = KafkaClassPath.find(settings);
    this.jvmArguments =
        List.of(
            settings.get(BrokerSettings.KAFKA_JVM).orElse(DEFAULT_JVM).strip().split("\\s+", -1));
    this.directory = WorkDirectory.create(settings.directory(), "kafka");
    this.files = new KafkaFiles(directory);
    this.log =
        new LogFile(
            directory.resolveSibling(directory.getFileName() + ".log"), settings.keepsLogs());
    this.clusterId = Uuid.randomUuid().toString();
    this.ports = Ports.free(5);
    this.guard =
        guarded
            ? KafkaGuard.with(SelfSignedCertificate.make(directory, List.of(HOST, "localhost")))
            : null;
    this.proxy = TcpProxy.open(at(2));
  }

  private String at(int index) {
    return HOST + ":" + ports.get(index);
  }

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.LOCAL;
  }

  @Override
  public String version() {
    return classPath.version();
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
    return Optional.ofNullable(guard).map(present -> present.at(at(3), at(4)));
  }

  @Override
  public synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    files.write(serverSettings());
    ChildProcess started =
        ChildProcess.start(
            directory.getFileName().toString(),
            new ProcessBuilder(command()).directory(directory.toFile()).redirectErrorStream(true),
            KEPT_LINES,
            log::append);
    process = started;
    try {
      if (started.out().next(line -> line.contains(STARTED), START_LIMIT).isEmpty()) {
        started.exitWithin(EXIT_LIMIT); // the output ends a moment before the process
        throw new BrokerUnavailableException(
            "Kafka "
                + version()
                + ", "
                + started.state()
                + ", was not ready after "
                + START_LIMIT.toSeconds()
                + " s or its end; the last of its log:"
                + started.lastWords(SHOWN_LINES));
      }
      KafkaReadiness.await(address(), START_LIMIT);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while Kafka started", interrupted);
    } catch (BrokerUnavailableException failed) {
      started.kill();
      throw failed;
    }
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
    String listeners = "PLAINTEXT://" + at(0) + ",PROXIED://" + at(2);
    String advertised = "PLAINTEXT://" + at(0) + ",PROXIED://" + proxy.address();
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

  @Override
  public synchronized void kill() {
    if (process != null) {
      process.kill();
    }
  }

  @Override
  public synchronized void stop() {
    if (process != null) {
      process.terminate(STOP_LIMIT);
    }
  }

  @Override
  public synchronized void pause() {
    if (process != null) {
      process.pause();
    }
  }

  @Override
  public synchronized void resume() {
    if (process != null) {
      process.resume();
    }
  }

  @Override
  public synchronized List<String> logTail(int lines) {
    return process == null ? List.of() : process.out().tail(lines);
  }

  @Override
  public synchronized void close() {
    kill();
    proxy.close();
    log.close();
    WorkDirectory.delete(directory);
  }

  @Override
  public String toString() {
    return "Kafka " + version() + " at " + address() + " (" + mode() + ")";
  }
}
