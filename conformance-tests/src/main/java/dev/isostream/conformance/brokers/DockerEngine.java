package dev.isostream.conformance.brokers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.ImageNameSubstitutor;

/**
 * Finds out, within a limit, whether Testcontainers could start an image here. Testcontainers
 * itself would try for minutes: it retries a pull that can't succeed, and needs images of its own
 * before the one that was asked for.
 */
final class DockerEngine {
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /**
   * The images that Testcontainers {@code testcontainers.version} of the POM starts for its own
   * ends.
   */
  private static final String REAPER_IMAGE = "testcontainers/ryuk:0.14.0";

  private static final String TINY_IMAGE = "alpine:3.17";

  private final DockerClient client;

  private DockerEngine(DockerClient client) {
    this.client = client;
  }

  /**
   * Why the image can't be started here; empty when it can, and then it is present.
   *
   * @param limit for the image, pulled if need be; an engine that does not answer is given up
   *     sooner
   */
  static Optional<String> obstacle(String image, Duration limit) {
    if (!anySignOfAnEngine()) {
      return Optional.of("no Docker engine is in sight: neither DOCKER_HOST nor a socket");
    }
    try {
      DockerClient client = within(ANSWER, DockerEngine::connect);
      return within(limit, () -> check(client, image));
    } catch (TimeoutException slow) {
      return Optional.of(
          "the Docker engine does not answer, or did not get image "
              + image
              + " within "
              + limit.toSeconds()
              + " s");
    } catch (ExecutionException failed) {
      return Optional.of("the Docker engine can't be used: " + failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted while asking the Docker engine");
    }
  }

  private static <T> T within(Duration limit, Callable<T> question)
      throws ExecutionException, TimeoutException, InterruptedException {
    FutureTask<T> answer = new FutureTask<>(question);
    TcpProxy.daemon("docker-check", answer);
    return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static DockerClient connect() {
    DockerClient client =
        DockerClientProviderStrategy.getClientForConfig(
            DockerClientFactory.instance().getTransportConfig());
    client.pingCmd().exec();
    return client;
  }

  private static boolean anySignOfAnEngine() {
    String home = System.getProperty("user.home");
    String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run/user/none");
    return System.getenv("DOCKER_HOST") != null
        || Files.exists(Path.of(home, ".testcontainers.properties"))
        || Files.exists(Path.of("/var/run/docker.sock"))
        || Files.exists(Path.of(runtime, "docker.sock"))
        || Files.exists(Path.of(home, ".docker", "run", "docker.sock"))
        || Files.exists(Path.of(home, ".docker", "desktop", "docker.sock"));
  }

  private static Optional<String> check(DockerClient client, String image)
      throws IOException, InterruptedException {
    try (client) {
      DockerEngine engine = new DockerEngine(client);
      for (DockerImageName needed : engine.needed(image)) {
        Optional<String> obstacle = engine.fetch(needed);
        if (obstacle.isPresent()) {
          return obstacle;
        }
      }
      return Optional.empty();
    }
  }

  private List<DockerImageName> needed(String image) {
    List<String> images = new ArrayList<>();
    images.add(image);
    if (!Boolean.parseBoolean(System.getenv("TESTCONTAINERS_RYUK_DISABLED"))) {
      images.add(REAPER_IMAGE);
    }
    if (Files.exists(Path.of("/.dockerenv"))
        && System.getenv("TESTCONTAINERS_HOST_OVERRIDE") == null
        && !bridgeHasGateway()) {
      // Testcontainers, in a container itself, then finds the way to the host by running this one
      images.add(TINY_IMAGE);
    }
    return images.stream()
        .map(name -> ImageNameSubstitutor.instance().apply(DockerImageName.parse(name)))
        .toList();
  }

  private boolean bridgeHasGateway() {
    return client.inspectNetworkCmd().withNetworkId("bridge").exec().getIpam().getConfig().stream()
        .anyMatch(config -> config.getGateway() != null);
  }

  private Optional<String> fetch(DockerImageName image) throws IOException, InterruptedException {
    if (isPresent(image)) {
      return Optional.empty();
    }
    String why = pull(image);
    return isPresent(image)
        ? Optional.empty()
        : Optional.of(
            "the Docker engine has no image " + image + " and can't pull it: " + why + hint(image));
  }

  private static String hint(DockerImageName image) {
    return image.asCanonicalNameString().endsWith(REAPER_IMAGE)
        ? " (where this image is not to be had, set the environment variable"
            + " TESTCONTAINERS_RYUK_DISABLED=true)"
        : "";
  }

  private boolean isPresent(DockerImageName image) {
    try {
      client.inspectImageCmd(image.asCanonicalNameString()).exec();
      return true;
    } catch (NotFoundException absent) {
      return false;
    }
  }

  /** Returns when the pull has ended or went silent: what came of it. */
  private String pull(DockerImageName image) throws IOException, InterruptedException {
    try (Progress progress = new Progress()) {
      client
          .pullImageCmd(image.getUnversionedPart())
          .withTag(image.getVersionPart())
          .exec(progress);
      while (!progress.awaitCompletion(1, TimeUnit.SECONDS)) {
        if (progress.silence().compareTo(SILENCE) > 0) {
          return "no progress for " + SILENCE.toSeconds() + " s";
        }
      }
      return "the pull ended";
    } catch (DockerException | DockerClientException failed) {
      return String.valueOf(failed.getMessage()).strip();
    }
  }

  /** Notes when the engine last told about a pull. */
  private static final class Progress extends PullImageResultCallback {
    private final AtomicLong last = new AtomicLong(System.nanoTime());

    @Override
    public void onNext(PullResponseItem item) {
      last.set(System.nanoTime());
      super.onNext(item);
    }

    Duration silence() {
      return Duration.ofNanos(System.nanoTime() - last.get());
    }
  }
}
