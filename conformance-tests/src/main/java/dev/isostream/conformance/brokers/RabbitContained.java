package dev.isostream.conformance.brokers;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * The upstream image with the stream plug-in. Its ports are published on fixed ports of the host,
 * since Docker would choose others at the next start, and a node tells its clients where it
 * listens.
 */
final class RabbitContained implements Broker {
  private static final String SERVING = ".*Server startup complete.*";
  private static final String FOLDER = "/etc/rabbitmq/";

  /** In the order of {@link #ports}: streams, AMQP, streams over TLS. */
  private static final List<Integer> INNER_PORTS = List.of(5552, 5672, 5551);

  private final GenericContainer<?> container;
  private final ContainedServer server;
  private final String version;
  private final List<Integer> ports = Ports.free(INNER_PORTS.size());
  private final String host;
  private final TcpProxy proxy;
  private final @Nullable Path directory;
  private final @Nullable RabbitGuard guard;

  RabbitContained(BrokerSettings settings, String image, boolean guarded) {
    DockerImageName name = DockerImageName.parse(image);
    this.container = new GenericContainer<>(name);
    this.server = new ContainedServer("RabbitMQ", container, SERVING);
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
    container.setPortBindings(List.of(binding(0), binding(1), binding(2)));
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
  public String control(String... arguments) {
    List<String> all = new ArrayList<>(List.of("rabbitmqctl"));
    all.addAll(List.of(arguments));
    ExecResult result = server.run(all.toArray(String[]::new));
    if (result.getExitCode() != 0) {
      throw new IllegalStateException(
          "rabbitmqctl " + arguments[0] + " failed: " + result.getStdout() + result.getStderr());
    }
    return result.getStdout();
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
    return "RabbitMQ " + version() + " at " + address() + " (" + mode() + ")";
  }
}
