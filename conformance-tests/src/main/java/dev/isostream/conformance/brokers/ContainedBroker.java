package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * The upstream image. Its ports are published on fixed ports of the host, since Docker would choose
 * others at the next start. Thread-safe.
 */
abstract class ContainedBroker extends OwnBroker {
  private final String version;
  private final GenericContainer<?> container;
  private final ContainedServer server;
  private final @Nullable Path directory;

  /**
   * One that has not been started; the subclass configures its container.
   *
   * @param innerPorts what it listens on in the container, the one for clients first
   * @param proxied which of them is behind the proxy
   * @param serving what it logs once at each start, when it serves; a regular expression
   * @param guarded whether it gets a directory for what its users need
   */
  ContainedBroker(
      BrokerSettings settings,
      String name,
      String product,
      GenericContainer<?> container,
      List<Integer> innerPorts,
      int proxied,
      String serving,
      boolean guarded) {
    super(name, product, BrokerMode.CONTAINERS, hostOf(container), innerPorts.size(), proxied);
    this.version = DockerImageName.parse(container.getDockerImageName()).getVersionPart();
    this.container = container;
    this.server = new ContainedServer(product, container, serving);
    this.directory = guarded ? WorkDirectory.create(settings.directory(), name) : null;
    List<String> bindings = new ArrayList<>();
    for (int i = 0; i < innerPorts.size(); i++) {
      bindings.add(port(i) + ":" + innerPorts.get(i));
    }
    container.setPortBindings(bindings);
  }

  private static String hostOf(GenericContainer<?> container) {
    DockerClientFactory.instance().client(); // before the host is asked for, which may need it
    return container.getHost();
  }

  /** Where files for the container are made; only for a guarded one. */
  final @Nullable Path directory() {
    return directory;
  }

  final ContainedServer server() {
    return server;
  }

  /** Readable for every user in the container, who need not be the one that runs the tests. */
  final void copy(Path file, String inside) {
    container.withCopyFileToContainer(MountableFile.forHostPath(file, 0644), inside);
  }

  /** Returns when it answers. Fails: {@link BrokerUnavailableException}. */
  void awaitAnswer() {}

  @Override
  public final String version() {
    return version;
  }

  @Override
  public final synchronized boolean isRunning() {
    return server.isRunning();
  }

  @Override
  public final synchronized void start() {
    if (!isRunning()) {
      server.start();
      awaitAnswer();
    }
  }

  @Override
  public final synchronized void kill() {
    server.kill();
  }

  @Override
  public synchronized void stop() {
    server.stop();
  }

  @Override
  public final synchronized void pause() {
    server.pause();
  }

  @Override
  public final synchronized void resume() {
    server.resume();
  }

  @Override
  public final synchronized List<String> logTail(int lines) {
    return server.logTail(lines);
  }

  @Override
  public final synchronized void close() {
    server.close();
    proxy().close();
    if (directory != null) {
      WorkDirectory.delete(directory);
    }
  }
}
