package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** The upstream image, on fixed ports of the host, so that the address outlives a restart. */
final class RedisContained implements Broker {

  /** It has a line for each kind of port. */
  private static final String SERVING = "(?s).*Ready to accept connections( tcp)?\\s*";

  private static final int PORT = 6379;
  private static final int TLS_PORT = 6380;
  private static final String FILES = "/tmp/";

  private final GenericContainer<?> container;
  private final ContainedServer server;
  private final String version;
  private final List<Integer> ports = Ports.free(2);
  private final String host;
  private final TcpProxy proxy;
  private final @Nullable Path directory;
  private final @Nullable RedisGuard guard;

  RedisContained(BrokerSettings settings, String image, boolean guarded) {
    DockerImageName name = DockerImageName.parse(image);
    this.container = new GenericContainer<>(name);
    this.server = new ContainedServer("Redis", container, SERVING);
    this.version = name.getVersionPart();
    DockerClientFactory.instance().client(); // before the host is asked for, which may need it
    this.host = container.getHost();
    this.proxy = TcpProxy.open(at(0));
    this.directory = guarded ? WorkDirectory.create(settings.directory(), "redis") : null;
    this.guard = directory == null ? null : RedisGuard.with(directory, List.of(host, "localhost"));
    configure();
  }

  private void configure() {
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
    return server.isRunning();
  }

  @Override
  public synchronized void start() {
    if (!isRunning()) {
      server.start();
    }
  }

  @Override
  public synchronized void kill() {
    server.kill();
  }

  @Override
  public synchronized void stop() {
    server.stop();
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
    return "Redis " + version() + " at " + address() + " (" + mode() + ")";
  }
}
