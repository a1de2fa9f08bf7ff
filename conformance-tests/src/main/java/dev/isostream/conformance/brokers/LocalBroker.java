package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real broker as a child process, with one data directory for life. Thread-safe. */
abstract class LocalBroker extends OwnBroker {
  static final String HOST = "127.0.0.1";

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final int KEPT_LINES = 5_000;
  private static final int SHOWN_LINES = 30;

  private final String ready;
  private final Path directory;
  private final LogFile log;
  private @Nullable ChildProcess process;

  /**
   * One that has not been started.
   *
   * @param ready is part of a line that it prints when it serves
   */
  LocalBroker(
      BrokerSettings settings, String name, String product, int ports, int proxied, String ready) {
    this(settings, name, product, BrokerMode.LOCAL, ports, proxied, ready);
  }

  /** As that, in front of something that is had in another way. */
  LocalBroker(
      BrokerSettings settings,
      String name,
      String product,
      BrokerMode mode,
      int ports,
      int proxied,
      String ready) {
    super(name, product, mode, HOST, ports, proxied);
    this.ready = ready;
    this.directory = WorkDirectory.create(settings.directory(), name);
    this.log =
        new LogFile(
            directory.resolveSibling(directory.getFileName() + ".log"), settings.keepsLogs());
  }

  final Path directory() {
    return directory;
  }

  final @Nullable ChildProcess process() {
    return process;
  }

  /** Writes what the server reads at its start, and says how it is started. */
  abstract ProcessBuilder prepare();

  /** Returns when it answers. Fails: {@link BrokerUnavailableException}. */
  void awaitAnswer(Duration limit) {}

  /** Ends what else was started. */
  void end() {}

  @Override
  public final synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }

  @Override
  public final synchronized void start() {
    if (isRunning()) {
      return;
    }
    ChildProcess started =
        ChildProcess.start(
            directory.getFileName().toString(),
            prepare().directory(directory.toFile()).redirectErrorStream(true),
            KEPT_LINES,
            log::append);
    process = started;
    try {
      if (started.out().next(line -> line.contains(ready), START_LIMIT).isEmpty()) {
        started.exitWithin(EXIT_LIMIT); // the output ends a moment before the process
        throw new BrokerUnavailableException(
            product()
                + " "
                + version()
                + ", "
                + started.state()
                + ", was not ready after "
                + START_LIMIT.toSeconds()
                + " s or its end; the last of its log:"
                + started.lastWords(SHOWN_LINES));
      }
      awaitAnswer(START_LIMIT);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException(
          "interrupted while " + product() + " started", interrupted);
    } catch (BrokerUnavailableException failed) {
      kill();
      throw failed;
    }
  }

  @Override
  public synchronized void kill() {
    if (process != null) {
      process.kill();
    }
  }

  @Override
  public synchronized void stop() {
    if (process != null) {
      process.terminate(STOP_LIMIT);
    }
  }

  @Override
  public synchronized void pause() {
    if (process != null) {
      process.pause();
    }
  }

  @Override
  public synchronized void resume() {
    if (process != null) {
      process.resume();
    }
  }

  @Override
  public final synchronized List<String> logTail(int lines) {
    return process == null ? List.of() : process.out().tail(lines);
  }

  @Override
  public final synchronized void close() {
    kill();
    end();
    proxy().close();
    log.close();
    WorkDirectory.delete(directory);
  }
}
