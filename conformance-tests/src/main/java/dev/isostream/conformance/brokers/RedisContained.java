package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** Redis' upstream image. */
final class RedisContained extends ContainedBroker {
  private static final int PORT = 6379;
  private static final int TLS_PORT = 6380;
  private static final String FILES = "/tmp/";

  /** It has a line for each kind of port. */
  private static final String SERVING = "(?s).*Ready to accept connections( tcp)?\\s*";

  private final @Nullable RedisGuard guard;

  RedisContained(BrokerSettings settings, String image, boolean guarded) {
    this(settings, new GenericContainer<>(DockerImageName.parse(image)), guarded);
  }

  private RedisContained(BrokerSettings settings, GenericContainer<?> container, boolean guarded) {
    super(settings, "redis", "Redis", container, List.of(PORT, TLS_PORT), 0, SERVING, guarded);
    Path directory = directory();
    this.guard =
        directory == null ? null : RedisGuard.with(directory, List.of(host(), "localhost"));
    configure(container);
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(0), at(1)));
  }

  private void configure(GenericContainer<?> container) {
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
      copy(guarded.chain(), inside(guarded.chain()));
      copy(guarded.key(), inside(guarded.key()));
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

  private static String inside(Path file) {
    return FILES + file.getFileName();
  }
}
