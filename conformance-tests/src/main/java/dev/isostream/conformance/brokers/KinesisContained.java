package dev.isostream.conformance.brokers;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** LocalStack's image, with Kinesis and DynamoDB. What it has is in memory: it starts empty again. */
final class KinesisContained extends ContainedBroker {
  private static final int PORT = 4566;
  private static final String SERVING = ".*Ready\\.\\s*";

  KinesisContained(BrokerSettings settings, String image) {
    this(settings, new GenericContainer<>(DockerImageName.parse(image)));
  }

  private KinesisContained(BrokerSettings settings, GenericContainer<?> container) {
    super(settings, "kinesis", "Kinesis", container, List.of(PORT), 0, SERVING, false);
    container.withEnv("SERVICES", "kinesis,dynamodb").withEnv("EAGER_SERVICE_LOADING", "1");
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> properties() {
    return KinesisGuard.anybody();
  }
}
