package dev.isostream.conformance.brokers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * A server in a container, which is started again on the data it has.
 *
 * <p>Threads: one at a time; the brokers guard it.
 */
final class ContainedServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);
  private static final int STOP_SECONDS = 30;
  private static final int SHOWN_LINES = 30;

  private final String product;
  private final GenericContainer<?> container;
  private final String serving;
  private int starts;
  private boolean paused;

  /**
   * One that has not been started.
   *
   * @param product its name for people
   * @param serving what it logs once at each start, when it serves; a regular expression
   */
  ContainedServer(String product, GenericContainer<?> container, String serving) {
    this.product = product;
    this.container = container;
    this.serving = serving;
  }

  boolean isRunning() {
    return starts > 0 && container.isRunning();
  }

  /** Returns when it serves. Fails: {@link BrokerUnavailableException}. */
  void start() {
    try {
      if (starts == 0) {
        container
            .withStartupTimeout(START_LIMIT)
            .waitingFor(Wait.forLogMessage(serving, 1).withStartupTimeout(START_LIMIT))
            .start();
        starts = 1;
      } else {
        docker().startContainerCmd(container.getContainerId()).exec();
        Wait.forLogMessage(serving, ++starts)
            .withStartupTimeout(START_LIMIT)
            .waitUntilReady(container);
      }
    } catch (ContainerLaunchException | DockerException failed) {
      throw new BrokerUnavailableException(
          product
              + " in a container did not start: "
              + failed.getMessage()
              + "\n"
              + String.join("\n", logTail(SHOWN_LINES)),
          failed);
    }
  }

  /** SIGKILL; returns when it is gone. */
  void kill() {
    if (isRunning()) {
      resume(); // Docker kills no paused container
      docker().killContainerCmd(container.getContainerId()).exec();
      awaitEnd();
    }
  }

  /** SIGTERM to the container's first process, SIGKILL after a while; returns when it is gone. */
  void stop() {
    if (isRunning()) {
      resume();
      docker().stopContainerCmd(container.getContainerId()).withTimeout(STOP_SECONDS).exec();
      awaitEnd();
    }
  }

  /** Runs a command in it that ends it; returns when it is gone. */
  void stopBy(String... command) {
    if (isRunning()) {
      resume();
      run(command);
      awaitEnd();
    }
  }

  private void awaitEnd() {
    try (WaitContainerResultCallback ended =
        docker().waitContainerCmd(container.getContainerId()).start()) {
      ended.awaitStatusCode(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException failed) {
      throw new BrokerUnavailableException(
          "can't tell whether " + product + "'s container has ended", failed);
    }
  }

  void pause() {
    docker().pauseContainerCmd(container.getContainerId()).exec();
    paused = true;
  }

  void resume() {
    if (paused) {
      docker().unpauseContainerCmd(container.getContainerId()).exec();
      paused = false;
    }
  }

  /** Runs a command in it and returns when that has ended. */
  ExecResult run(String... command) {
    try {
      return container.execInContainer(command);
    } catch (IOException failed) {
      throw new BrokerUnavailableException(
          "can't run " + command[0] + " in " + product + "'s container", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while " + command[0] + " ran", interrupted);
    }
  }

  List<String> logTail(int lines) {
    if (container.getContainerId() == null) {
      return List.of();
    }
    List<String> all = container.getLogs().lines().toList();
    return all.subList(Math.max(0, all.size() - lines), all.size());
  }

  private DockerClient docker() {
    return container.getDockerClient();
  }

  /** Removes the container. */
  @Override
  public void close() {
    if (isRunning()) {
      resume();
    }
    container.stop();
  }
}
