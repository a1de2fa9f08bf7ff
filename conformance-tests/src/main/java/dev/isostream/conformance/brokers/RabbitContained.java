package dev.isostream.conformance.brokers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * The upstream image with the stream plug-in. Its ports are published on fixed ports of the host,
 * since Docker would choose others at the next start, and a node tells its clients where it
 * listens.
 */
final class RabbitContained implements Broker {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);
  private static final String SERVING = ".*Server startup complete.*";
  private static final String FOLDER = "/etc/rabbitmq/";
  private static final int STOP_SECONDS = 30;

  /** In the order of {@link #ports}: streams, AMQP, streams over TLS. */
  private static final List<Integer> INNER_PORTS = List.of(5552, 5672, 5551);

  private final GenericContainer<?> container;
  private final String version;
  private final List<Integer> ports = Ports.free(INNER_PORTS.size());
  private final String host;
  private final TcpProxy proxy;
  private final @Nullable Path directory;
  private final @Nullable RabbitGuard guard;
  private int starts;
  private boolean paused;

  RabbitContained(BrokerSettings settings, String image, boolean guarded) {
    DockerImageName name = DockerImageName.parse(image);
    this.container = new GenericContainer<>(name);
    this.version = name.getVersionPart();
    DockerClientFactory.instance().client(); // before the host is asked for, which may need it
    this.host = container.getHost();
    this.proxy = TcpProxy.open(at(0));
    this.directory = guarded ? WorkDirectory.create(settings.directory(), "rabbitmq") : null;
    this.guard =
        directory == null
            ? null
            : RabbitGuard.with(SelfSignedCertificate.make(directory, List.of(host, "localhost")));
    configure();
  }

  private void configure() {
    container.withStartupTimeout(START_LIMIT);
    container.setPortBindings(List.of(binding(0), binding(1), binding(2)));
    container.waitingFor(Wait.forLogMessage(SERVING, 1).withStartupTimeout(START_LIMIT));
    // the data belongs to a node's name, which is the host's
    container.withCreateContainerCmdModifier(command -> command.withHostName("isostream"));
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("loopback_users.guest", "false");
    settings.put("log.console", "true");
    settings.put("stream.advertised_host", host);
    settings.put("stream.advertised_port", ports.get(0).toString());
    settings.put("disk_free_limit.absolute", "50MB");
    if (guard != null && directory != null) {
      RabbitFiles files = new RabbitFiles(directory);
      files.write(guard);
      copy(files.definitions());
      copy(files.certificate());
      copy(files.key());
      settings.put("load_definitions", inside(files.definitions()));
      settings.put("stream.listeners.ssl.1", INNER_PORTS.get(2).toString());
      settings.put("stream.advertised_tls_port", ports.get(2).toString());
      settings.put("ssl_options.certfile", inside(files.certificate()));
      settings.put("ssl_options.keyfile", inside(files.key()));
      settings.put("ssl_options.cacertfile", inside(files.certificate()));
      settings.put("ssl_options.verify", "verify_none");
      settings.put("ssl_options.fail_if_no_peer_cert", "false");
    }
    StringBuilder text = new StringBuilder();
    settings.forEach((name, value) -> text.append(name).append(" = ").append(value).append('\n'));
    copy("rabbitmq.conf", text.toString());
    copy("enabled_plugins", RabbitFiles.PLUGINS);
    container.withEnv("RABBITMQ_CONFIG_FILE", FOLDER + "rabbitmq.conf");
    container.withEnv("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", RabbitFiles.DURABLE);
  }

  private void copy(String name, String text) {
    container.withCopyToContainer(
        Transferable.of(text.getBytes(StandardCharsets.UTF_8), 0644), FOLDER + name);
  }

  private void copy(Path file) {
    container.withCopyFileToContainer(MountableFile.forHostPath(file, 0644), inside(file));
  }

  private static String inside(Path file) {
    return FOLDER + file.getFileName();
  }

  private String binding(int index) {
    return ports.get(index) + ":" + INNER_PORTS.get(index);
  }

  private String at(int index) {
    return host + ":" + ports.get(index);
  }

  @Override
  public String name() {
    return "rabbitmq";
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
    return starts > 0 && container.isRunning();
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    try {
      if (starts > 0) {
        docker().startContainerCmd(container.getContainerId()).exec();
        Wait.forLogMessage(SERVING, ++starts)
            .withStartupTimeout(START_LIMIT)
            .waitUntilReady(container);
      } else {
        container.start();
        starts = 1;
      }
    } catch (ContainerLaunchException | DockerException failed) {
      throw new BrokerUnavailableException(
          "RabbitMQ in a container did not start: "
              + failed.getMessage()
              + "\n"
              + String.join("\n", logTail(30)),
          failed);
    }
  }

  @Override
  public synchronized void kill() {
    if (isRunning()) {
      resume(); // Docker kills no paused container
      docker().killContainerCmd(container.getContainerId()).exec();
      awaitEnd();
    }
  }

  @Override
  public synchronized void stop() {
    if (isRunning()) {
      resume();
      docker().stopContainerCmd(container.getContainerId()).withTimeout(STOP_SECONDS).exec();
      awaitEnd();
    }
  }

  private void awaitEnd() {
    try (WaitContainerResultCallback ended =
        docker().waitContainerCmd(container.getContainerId()).start()) {
      ended.awaitStatusCode(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException failed) {
      throw new BrokerUnavailableException(
          "can't tell whether RabbitMQ's container has ended", failed);
    }
  }

  @Override
  public synchronized void pause() {
    docker().pauseContainerCmd(container.getContainerId()).exec();
    paused = true;
  }

  @Override
  public synchronized void resume() {
    if (paused) {
      docker().unpauseContainerCmd(container.getContainerId()).exec();
      paused = false;
    }
  }

  @Override
  public synchronized List<String> logTail(int lines) {
    if (container.getContainerId() == null) {
      return List.of();
    }
    List<String> all = container.getLogs().lines().toList();
    return all.subList(Math.max(0, all.size() - lines), all.size());
  }

  @Override
  public String control(String... arguments) {
    List<String> all = new ArrayList<>(List.of("rabbitmqctl"));
    all.addAll(List.of(arguments));
    try {
      var result = container.execInContainer(all.toArray(String[]::new));
      if (result.getExitCode() != 0) {
        throw new IllegalStateException(
            "rabbitmqctl " + arguments[0] + " failed: " + result.getStdout() + result.getStderr());
      }
      return result.getStdout();
    } catch (IOException failed) {
      throw new BrokerUnavailableException("can't run rabbitmqctl in its container", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while rabbitmqctl ran", interrupted);
    }
  }

  private DockerClient docker() {
    return container.getDockerClient();
  }

  @Override
  public synchronized void close() {
    if (isRunning()) {
      resume();
    }
    container.stop();
    proxy.close();
    if (directory != null) {
      WorkDirectory.delete(directory);
    }
  }

  @Override
  public String toString() {
    return "RabbitMQ " + version() + " at " + address() + " (" + mode() + ")";
  }
}
