package dev.isostream.conformance.brokers;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * RabbitMQ's upstream image, with the stream plug-in. A node tells its clients where it listens.
 */
final class RabbitContained extends ContainedBroker {
  private static final String SERVING = ".*Server startup complete.*";
  private static final String FOLDER = "/etc/rabbitmq/";

  /** Streams, AMQP, streams over TLS. */
  private static final List<Integer> INNER_PORTS = List.of(5552, 5672, 5551);

  private final @Nullable RabbitGuard guard;

  RabbitContained(BrokerSettings settings, String image, boolean guarded) {
    this(settings, new GenericContainer<>(DockerImageName.parse(image)), guarded);
  }

  private RabbitContained(BrokerSettings settings, GenericContainer<?> container, boolean guarded) {
    super(settings, "rabbitmq", "RabbitMQ", container, INNER_PORTS, 0, SERVING, guarded);
    Path directory = directory();
    this.guard =
        directory == null
            ? null
            : RabbitGuard.with(SelfSignedCertificate.make(directory, List.of(host(), "localhost")));
    configure(container);
  }

  @Override
  public Map<String, String> properties() {
    return Map.of("rabbitmq.amqp.address", at(1));
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(0), at(2)));
  }

  private void configure(GenericContainer<?> container) {
    // the data belongs to a node's name, which is the host's
    container.withCreateContainerCmdModifier(command -> command.withHostName("isostream"));
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("loopback_users.guest", "false");
    settings.put("log.console", "true");
    settings.put("stream.advertised_host", host());
    settings.put("stream.advertised_port", Integer.toString(port(0)));
    settings.put("disk_free_limit.absolute", "50MB");
    Path directory = directory();
    if (guard != null && directory != null) {
      RabbitFiles files = new RabbitFiles(directory);
      files.write(guard);
      copy(files.definitions(), inside(files.definitions()));
      copy(files.certificate(), inside(files.certificate()));
      copy(files.key(), inside(files.key()));
      settings.put("load_definitions", inside(files.definitions()));
      settings.put("stream.listeners.ssl.1", INNER_PORTS.get(2).toString());
      settings.put("stream.advertised_tls_port", Integer.toString(port(2)));
      settings.put("ssl_options.certfile", inside(files.certificate()));
      settings.put("ssl_options.keyfile", inside(files.key()));
      settings.put("ssl_options.cacertfile", inside(files.certificate()));
      settings.put("ssl_options.verify", "verify_none");
      settings.put("ssl_options.fail_if_no_peer_cert", "false");
    }
    StringBuilder text = new StringBuilder();
    settings.forEach((name, value) -> text.append(name).append(" = ").append(value).append('\n'));
    copy(container, "rabbitmq.conf", text.toString());
    copy(container, "enabled_plugins", RabbitFiles.PLUGINS);
    container.withEnv("RABBITMQ_CONFIG_FILE", FOLDER + "rabbitmq.conf");
  }

  private static void copy(GenericContainer<?> container, String name, String text) {
    container.withCopyToContainer(
        Transferable.of(text.getBytes(StandardCharsets.UTF_8), 0644), FOLDER + name);
  }

  private static String inside(Path file) {
    return FOLDER + file.getFileName();
  }

  @Override
  public String control(String... arguments) {
    List<String> all = new ArrayList<>(List.of("rabbitmqctl"));
    all.addAll(List.of(arguments));
    ExecResult result = server().run(all.toArray(String[]::new));
    if (result.getExitCode() != 0) {
      throw new IllegalStateException(
          "rabbitmqctl " + arguments[0] + " failed: " + result.getStdout() + result.getStderr());
    }
    return result.getStdout();
  }
}
