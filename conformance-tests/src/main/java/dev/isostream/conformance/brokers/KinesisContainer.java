package dev.isostream.conformance.brokers;

import java.time.Duration;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** LocalStack's image, with both services on one port. Confined to the broker that starts it. */
final class KinesisContainer implements KinesisStores {
  private static final int PORT = 4566;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final String SERVING = ".*Ready\\.\\s*";

  private final DockerImageName image;
  private final GenericContainer<?> container;

  KinesisContainer(String image) {
    this.image = DockerImageName.parse(image);
    this.container =
        new GenericContainer<>(this.image)
            .withEnv("SERVICES", "kinesis,dynamodb")
            .withEnv("EAGER_SERVICE_LOADING", "1")
            .withExposedPorts(PORT)
            .waitingFor(Wait.forLogMessage(SERVING, 1).withStartupTimeout(START_LIMIT));
  }

  @Override
  public String version() {
    return image.getUnversionedPart() + " " + image.getVersionPart();
  }

  @Override
  public void start() {
    if (!container.isRunning()) {
      try {
        container.start();
      } catch (ContainerLaunchException failed) {
        throw new BrokerUnavailableException(
            image + " did not start: " + failed.getMessage(), failed);
      }
    }
  }

  @Override
  public String host() {
    return container.getHost();
  }

  @Override
  public int kinesisPort() {
    return container.getMappedPort(PORT);
  }

  @Override
  public int dynamoDbPort() {
    return kinesisPort();
  }

  @Override
  public void close() {
    container.stop();
  }
}
