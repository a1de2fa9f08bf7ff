package dev.isostream.conformance.brokers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** The upstream image, on fixed ports of the host, so that the address outlives a restart. */
final class RedisContained implements Broker {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final int PORT = 6379;
  private static final int TLS_PORT = 6380;
  private static final String FILES = "/tmp/";

  private final GenericContainer<?> container;
  private final String version;
  private final List<Integer> ports = Ports.free(2);
  private final String host;
  private final TcpProxy proxy;
  private final @Nullable Path directory;
  private final @Nullable RedisGuard guard;
  private boolean started;
  private boolean paused;

  RedisContained(BrokerSettings settings, String image, boolean guarded) {
    DockerImageName name = DockerImageName.parse(image);
    this.container = new GenericContainer<>(name);
    this.version = name.getVersionPart();
    DockerClientFactory.instance().client(); // before the host is asked for, which may need it
    this.host = container.getHost();
    this.proxy = TcpProxy.open(at(0));
    this.directory = guarded ? WorkDirectory.create(settings.directory(), "redis") : null;
    this.guard = directory == null ? null : RedisGuard.with(directory, List.of(host, "localhost"));
    configure();
  }

  private void configure() {
    container.withStartupTimeout(START_LIMIT);
    container.waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1));
    container.setPortBindings(List.of(ports.get(0) + ":" + PORT, ports.get(1) + ":" + TLS_PORT));
    List<String> command =
        new ArrayList<>(
            List.of(
                "redis-server",
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--save",
                "",
                "--protected-mode",
                "no"));
    RedisGuard guarded = guard;
    if (guarded != null) {
      copy(guarded.chain());
      copy(guarded.key());
      command.addAll(
          List.of(
              "--tls-port",
              Integer.toString(TLS_PORT),
              "--tls-cert-file",
              inside(guarded.chain()),
              "--tls-key-file",
              inside(guarded.key()),
              "--tls-ca-cert-file",
              inside(guarded.chain()),
              "--tls-auth-clients",
              "no"));
      for (String user : guarded.users()) {
        command.add("--user");
        command.addAll(List.of(user.substring("user ".length()).split(" ", -1)));
      }
    }
    container.withCommand(command.toArray(String[]::new));
  }

  private void copy(Path file) {
    container.withCopyFileToContainer(MountableFile.forHostPath(file, 0644), inside(file));
  }

  private static String inside(Path file) {
    return FILES + file.getFileName();
  }

  private String at(int index) {
    return host + ":" + ports.get(index);
  }

  @Override
  public String name() {
    return "redis";
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
    return Optional.ofNullable(guard).map(present -> present.at(at(0), at(1)));
  }

  @Override
  public synchronized boolean isRunning() {
    return started && container.isRunning();
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    try {
      if (started) {
        docker().startContainerCmd(container.getContainerId()).exec();
      } else {
        container.start();
        started = true;
      }
      RedisReadiness.await(address(), START_LIMIT);
    } catch (ContainerLaunchException | DockerException | BrokerUnavailableException failed) {
      throw new BrokerUnavailableException(
          "Redis in a container did not start: "
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
      docker().stopContainerCmd(container.getContainerId()).exec();
      awaitEnd();
    }
  }

  private void awaitEnd() {
    try (WaitContainerResultCallback ended =
        docker().waitContainerCmd(container.getContainerId()).start()) {
      ended.awaitStatusCode(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException failed) {
      throw new BrokerUnavailableException("can't tell whether Redis' container has ended", failed);
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
    return "Redis " + version() + " at " + address() + " (" + mode() + ")";
  }
}
