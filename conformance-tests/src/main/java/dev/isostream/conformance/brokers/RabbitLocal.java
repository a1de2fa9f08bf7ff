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
final class RabbitLocal extends LocalBroker {
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(30);
  private static final int PORTS = 5;
  private static final int STREAM_PORT = 0;
  private static final String STARTED = "Server startup complete";

  /**
   * Arguments: the file with the node's pid, the name service and its arguments, "--", the server.
   */
  private static final String SCRIPT =
      """
      pidfile=$1; epmd=$2; port=$3; server=$4
      exec 3<&0
      "$epmd" -port "$port" -address 127.0.0.1 </dev/null &
      names=$!
      until "$epmd" -port "$port" -names >/dev/null 2>&1; do kill -0 $names || exit 1; done
      "$server" </dev/null &
      node=$!
      ( while read -r line <&3; do :; done
        kill -9 "$(cat "$pidfile")" $node $names ) 2>/dev/null &
      watch=$!
      wait $node
      kill -9 $names $watch 2>/dev/null
      """;

  private final RabbitProgram program;
  private final RabbitFiles files;
  private final @Nullable RabbitGuard guard;

  RabbitLocal(RabbitProgram program, BrokerSettings settings, boolean guarded) {
    super(settings, "rabbitmq", "RabbitMQ", PORTS, STREAM_PORT, STARTED);
    this.program = program;
    this.files = new RabbitFiles(directory());
    this.guard =
        guarded
            ? RabbitGuard.with(SelfSignedCertificate.make(directory(), List.of(HOST, "localhost")))
            : null;
  }

  @Override
  public String version() {
    return program.version();
  }

  @Override
  public Map<String, String> properties() {
    return Map.of("rabbitmq.amqp.address", at(1));
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(0), at(2)));
  }

  @Override
  ProcessBuilder prepare() {
    files.write(settings());
    if (guard != null) {
      files.write(guard);
    }
    return command(
        "sh",
        "-c",
        SCRIPT,
        "rabbitmq",
        pidFile().toString(),
        program.erlang().resolve("bin/epmd").toString(),
        Integer.toString(port(3)),
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
        new ProcessBuilder(words).directory(directory().toFile()).redirectErrorStream(true);
    String node = "isostream" + port(0) + "@localhost";
    Map<String, String> environment = command.environment();
    environment.keySet().removeIf(name -> name.startsWith("RABBITMQ_") || name.startsWith("ERL_"));
    environment.put("HOME", directory().toString());
    environment.put("PATH", program.erlang().resolve("bin") + ":" + environment.get("PATH"));
    environment.put("ERL_EPMD_PORT", Integer.toString(port(3)));
    environment.put("ERL_EPMD_ADDRESS", HOST);
    environment.put("RABBITMQ_NODENAME", node);
    environment.put("RABBITMQ_HOME", program.home().toString());
    environment.put("RABBITMQ_BASE", directory().toString());
    environment.put("RABBITMQ_MNESIA_BASE", directory().resolve("data").toString());
    environment.put("RABBITMQ_LOG_BASE", directory().resolve("log").toString());
    environment.put("RABBITMQ_CONFIG_FILE", files.configuration().toString());
    environment.put("RABBITMQ_CONF_ENV_FILE", directory().resolve("none").toString());
    environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", directory().resolve("none.config").toString());
    environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", files.plugins().toString());
    environment.put("RABBITMQ_PLUGINS_DIR", program.home().resolve("plugins").toString());
    environment.put("RABBITMQ_DIST_PORT", Integer.toString(port(4)));
    environment.put("RABBITMQ_PID_FILE", pidFile().toString());
    environment.put("RABBITMQ_GENERATED_CONFIG_DIR", directory().resolve("generated").toString());
    environment.put("RABBITMQ_SCHEMA_DIR", directory().resolve("schema").toString());
    // a node that is named by then starts no second one to see whether the name service is there
    environment.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
        "-sname %1$s -kernel inet_dist_listen_min %2$d inet_dist_listen_max %2$d"
                .formatted(node, port(4))
            + " -kernel inet_dist_use_interface {127,0,0,1} +sbwt none");
    return command;
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("listeners.tcp.1", at(1));
    settings.put("stream.listeners.tcp.1", at(0));
    settings.put("stream.advertised_host", HOST);
    settings.put("stream.advertised_port", Integer.toString(port(0)));
    settings.put("log.console", "true");
    settings.put("log.file", "false");
    settings.put("disk_free_limit.absolute", "50MB");
    if (guard != null) {
      settings.put("load_definitions", files.definitions().toString());
      settings.put("stream.listeners.ssl.1", at(2));
      settings.put("stream.advertised_tls_port", Integer.toString(port(2)));
      settings.put("ssl_options.certfile", files.certificate().toString());
      settings.put("ssl_options.keyfile", files.key().toString());
      settings.put("ssl_options.cacertfile", files.certificate().toString());
      settings.put("ssl_options.verify", "verify_none");
      settings.put("ssl_options.fail_if_no_peer_cert", "false");
    }
    return settings;
  }

  private Path pidFile() {
    return directory().resolve("pid");
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
    ChildProcess started = process();
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
}
