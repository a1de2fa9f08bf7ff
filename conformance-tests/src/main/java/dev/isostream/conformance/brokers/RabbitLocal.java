package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A real RabbitMQ node as a child process, with Erlang's name service of its own: one node, one
 * data directory, the same ports for life.
 *
 * <p>The child is a shell that starts both, and ends the name service with the node. Signals go to
 * the node itself, whose process is a grandchild's; when this JVM is gone, and with it the shell's
 * standard input, the shell kills both.
 */
final class RabbitLocal implements Broker {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(30);
  private static final String STARTED = "Server startup complete";
  private static final String HOST = "127.0.0.1";
  private static final int KEPT_LINES = 5_000;
  private static final int SHOWN_LINES = 30;

  /**
   * Arguments: the file with the node's pid, the name service and its arguments, "--", the server.
   */
  private static final String SCRIPT =
      """
      pidfile=$1; epmd=$2; port=$3; server=$4
      exec 3<&0
      "$epmd" -port "$port" -address 127.0.0.1 </dev/null &
      names=$!
      "$server" </dev/null &
      node=$!
      ( while read -r line <&3; do :; done
        kill -9 "$(cat "$pidfile")" $node $names ) 2>/dev/null &
      watch=$!
      wait $node
      kill -9 $names $watch 2>/dev/null
      """;

  private final RabbitProgram program;
  private final Path directory;
  private final RabbitFiles files;
  private final LogFile log;
  private final List<Integer> ports;
  private final TcpProxy proxy;
  private final @Nullable RabbitGuard guard;
  private @Nullable ChildProcess process;

  RabbitLocal(BrokerSettings settings, boolean guarded) {
    this.program = RabbitProgram.find(settings);
    this.directory = WorkDirectory.create(settings.directory(), "rabbitmq");
    this.files = new RabbitFiles(directory);
    this.log =
        new LogFile(
            directory.resolveSibling(directory.getFileName() + ".log"), settings.keepsLogs());
    this.ports = Ports.free(5);
    this.guard =
        guarded
            ? RabbitGuard.with(SelfSignedCertificate.make(directory, List.of(HOST, "localhost")))
            : null;
    this.proxy = TcpProxy.open(at(0));
  }

  private String at(int index) {
    return HOST + ":" + ports.get(index);
  }

  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.LOCAL;
  }

  @Override
  public String version() {
    return program.version();
  }

  /** That of the stream listener. */
  @Override
  public String address() {
    return at(0);
  }

  @Override
  public Map<String, String> properties() {
    return Map.of("rabbitmq.amqp.address", at(1));
  }

  @Override
  public TcpProxy proxy() {
    return proxy;
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(0), at(2)));
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
    files.write(settings());
    if (guard != null) {
      files.write(guard);
    }
    ChildProcess started =
        ChildProcess.start(directory.getFileName().toString(), command(), KEPT_LINES, log::append);
    process = started;
    try {
      if (started.out().next(line -> line.contains(STARTED), START_LIMIT).isEmpty()) {
        throw new BrokerUnavailableException(
            "RabbitMQ "
                + version()
                + ", "
                + started.state()
                + ", was not ready after "
                + START_LIMIT.toSeconds()
                + " s or its end; the last of its log:"
                + started.lastWords(SHOWN_LINES));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while RabbitMQ started", interrupted);
    } catch (BrokerUnavailableException failed) {
      kill();
      throw failed;
    }
  }

  private ProcessBuilder command() {
    return command(
        "sh",
        "-c",
        SCRIPT,
        "rabbitmq",
        pidFile().toString(),
        program.erlang().resolve("bin/epmd").toString(),
        ports.get(3).toString(),
        program.home().resolve("sbin/rabbitmq-server").toString());
  }

  @Override
  public String control(String... arguments) {
    List<String> all = new ArrayList<>();
    all.add(program.home().resolve("sbin/rabbitmqctl").toString());
    all.addAll(List.of(arguments));
    try {
      Process tool = command(all.toArray(String[]::new)).start();
      tool.getOutputStream().close();
      String printed = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (tool.waitFor() != 0) {
        throw new IllegalStateException("rabbitmqctl " + arguments[0] + " failed: " + printed);
      }
      return printed;
    } catch (IOException failed) {
      throw new UncheckedIOException("can't run rabbitmqctl", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while rabbitmqctl ran", interrupted);
    }
  }

  private ProcessBuilder command(String... words) {
    ProcessBuilder command =
        new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
    Map<String, String> environment = command.environment();
    environment.keySet().removeIf(name -> name.startsWith("RABBITMQ_") || name.startsWith("ERL_"));
    environment.put("HOME", directory.toString());
    environment.put("PATH", program.erlang().resolve("bin") + ":" + environment.get("PATH"));
    environment.put("ERL_EPMD_PORT", ports.get(3).toString());
    environment.put("ERL_EPMD_ADDRESS", HOST);
    environment.put("RABBITMQ_NODENAME", "isostream" + ports.get(0) + "@localhost");
    environment.put("RABBITMQ_HOME", program.home().toString());
    environment.put("RABBITMQ_BASE", directory.toString());
    environment.put("RABBITMQ_MNESIA_BASE", directory.resolve("data").toString());
    environment.put("RABBITMQ_LOG_BASE", directory.resolve("log").toString());
    environment.put("RABBITMQ_CONFIG_FILE", files.configuration().toString());
    environment.put("RABBITMQ_CONF_ENV_FILE", directory.resolve("none").toString());
    environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", directory.resolve("none.config").toString());
    environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", files.plugins().toString());
    environment.put("RABBITMQ_PLUGINS_DIR", program.home().resolve("plugins").toString());
    environment.put("RABBITMQ_DIST_PORT", ports.get(4).toString());
    environment.put("RABBITMQ_PID_FILE", pidFile().toString());
    environment.put("RABBITMQ_GENERATED_CONFIG_DIR", directory.resolve("generated").toString());
    environment.put("RABBITMQ_SCHEMA_DIR", directory.resolve("schema").toString());
    environment.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
        "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none " + RabbitFiles.DURABLE);
    return command;
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("listeners.tcp.1", at(1));
    settings.put("stream.listeners.tcp.1", at(0));
    settings.put("stream.advertised_host", HOST);
    settings.put("stream.advertised_port", ports.get(0).toString());
    settings.put("log.console", "true");
    settings.put("log.file", "false");
    settings.put("disk_free_limit.absolute", "50MB");
    if (guard != null) {
      settings.put("load_definitions", files.definitions().toString());
      settings.put("stream.listeners.ssl.1", at(2));
      settings.put("stream.advertised_tls_port", ports.get(2).toString());
      settings.put("ssl_options.certfile", files.certificate().toString());
      settings.put("ssl_options.keyfile", files.key().toString());
      settings.put("ssl_options.cacertfile", files.certificate().toString());
      settings.put("ssl_options.verify", "verify_none");
      settings.put("ssl_options.fail_if_no_peer_cert", "false");
    }
    return settings;
  }

  private Path pidFile() {
    return directory.resolve("pid");
  }

  private Optional<ProcessHandle> node() {
    if (!isRunning()) {
      return Optional.empty();
    }
    try {
      List<String> lines = new ArrayList<>(Files.readAllLines(pidFile()));
      return lines.isEmpty()
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  @Override
  public synchronized void kill() {
    node().ifPresent(ProcessHandle::destroyForcibly);
    reap();
  }

  @Override
  public synchronized void stop() {
    node().ifPresent(ProcessHandle::destroy);
    reap();
  }

  private void reap() {
    ChildProcess started = process;
    if (started != null && started.isAlive() && started.exitWithin(EXIT_LIMIT).isEmpty()) {
      node().ifPresent(ProcessHandle::destroyForcibly);
      started.kill();
    }
  }

  @Override
  public synchronized void pause() {
    node().ifPresent(node -> signal(node, "STOP"));
  }

  @Override
  public synchronized void resume() {
    node().ifPresent(node -> signal(node, "CONT"));
  }

  private static void signal(ProcessHandle node, String signal) {
    try {
      int code =
          new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + node.pid()).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("can't send SIG" + signal + " to RabbitMQ");
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("can't run sh to send SIG" + signal, failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending SIG" + signal, interrupted);
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
    return "RabbitMQ " + version() + " at " + address() + " (" + mode() + ")";
  }
}
