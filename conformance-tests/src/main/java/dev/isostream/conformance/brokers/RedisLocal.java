package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis as a child process: one data directory, the same ports for life. It keeps what it
 * confirmed through a SIGKILL: its append-only file is written before it answers.
 */
final class RedisLocal implements Broker {
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final String HOST = "127.0.0.1";
  private static final int KEPT_LINES = 5_000;
  private static final int SHOWN_LINES = 30;

  private final RedisProgram program;
  private final Path directory;
  private final LogFile log;
  private final List<Integer> ports = Ports.free(2);
  private final TcpProxy proxy;
  private final @Nullable RedisGuard guard;
  private @Nullable ChildProcess process;
  private @Nullable String version;

  RedisLocal(BrokerSettings settings, boolean guarded) {
    this.program = RedisProgram.find(settings);
    this.directory = WorkDirectory.create(settings.directory(), "redis");
    this.log =
        new LogFile(
            directory.resolveSibling(directory.getFileName() + ".log"), settings.keepsLogs());
    this.guard = guarded ? RedisGuard.with(directory, List.of(HOST, "localhost")) : null;
    this.proxy = TcpProxy.open(at(0));
  }

  private String at(int index) {
    return HOST + ":" + ports.get(index);
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.LOCAL;
  }

  @Override
  public synchronized String version() {
    return version == null ? "not started" : version;
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
    return process != null && process.isAlive();
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    Path settings = directory.resolve("redis.conf");
    try {
      Files.write(settings, settings());
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write " + settings, failed);
    }
    ChildProcess started =
        ChildProcess.start(
            directory.getFileName().toString(),
            program
                .command(List.of(settings.toString()))
                .directory(directory.toFile())
                .redirectErrorStream(true),
            KEPT_LINES,
            log::append);
    process = started;
    try {
      RedisReadiness.await(started, START_LIMIT);
      version = RedisReadiness.version(address(), START_LIMIT);
    } catch (BrokerUnavailableException failed) {
      started.kill();
      throw new BrokerUnavailableException(
          failed.getMessage() + "; the last of its log:" + started.lastWords(SHOWN_LINES), failed);
    }
  }

  private List<String> settings() {
    List<String> lines = new ArrayList<>();
    lines.add("bind " + HOST);
    lines.add("port " + ports.get(0));
    lines.add("dir " + directory);
    lines.add("appendonly yes");
    lines.add("appendfsync everysec");
    lines.add("save \"\"");
    lines.add("daemonize no");
    RedisGuard guarded = guard;
    if (guarded != null) {
      lines.add("tls-port " + ports.get(1));
      lines.add("tls-cert-file " + guarded.chain());
      lines.add("tls-key-file " + guarded.key());
      lines.add("tls-ca-cert-file " + guarded.chain());
      lines.add("tls-auth-clients no");
      lines.addAll(guarded.users());
    }
    return lines;
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
  public synchronized List<String> logTail(int lines) {
    return process == null ? List.of() : process.out().tail(lines);
  }

  @Override
  public synchronized void close() {
    kill();
    proxy.close();
    log.close();
    WorkDirectory.delete(directory);
  }

  @Override
  public String toString() {
    return "Redis " + version() + " at " + address() + " (" + mode() + ")";
  }
}
