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
 * It keeps what it confirmed through a SIGKILL: the append-only file is written before it answers.
 */
final class RedisLocal extends LocalBroker {
  private static final int PORT = 0;
  private static final int TLS_PORT = 1;

  private final RedisProgram program;
  private final @Nullable RedisGuard guard;
  private volatile @Nullable String version;

  RedisLocal(RedisProgram program, BrokerSettings settings, boolean guarded) {
    super(settings, "redis", "Redis", 2, PORT, RedisReadiness.READY);
    this.program = program;
    this.guard = guarded ? RedisGuard.with(directory(), List.of(HOST, "localhost")) : null;
  }

  @Override
  public String version() {
    return version == null ? "not started" : version;
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(PORT), at(TLS_PORT)));
  }

  @Override
  ProcessBuilder prepare() {
    Path settings = directory().resolve("redis.conf");
    try {
      Files.write(settings, settings());
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write " + settings, failed);
    }
    Path kept = directory().resolve("appendonlydir").resolve("appendonly.aof.manifest");
    if (Files.exists(kept)) {
      program.repair(kept);
    }
    return program.command(List.of(settings.toString()));
  }

  @Override
  void awaitAnswer(Duration limit) {
    version = RedisReadiness.version(address(), limit);
  }

  private List<String> settings() {
    List<String> lines = new ArrayList<>();
    lines.add("bind " + HOST);
    lines.add("port " + port(PORT));
    lines.add("dir " + directory());
    lines.add("appendonly yes");
    lines.add("appendfsync everysec");
    lines.add("save \"\"");
    lines.add("daemonize no");
    RedisGuard guarded = guard;
    if (guarded != null) {
      lines.add("tls-port " + port(TLS_PORT));
      lines.add("tls-cert-file " + guarded.chain());
      lines.add("tls-key-file " + guarded.key());
      lines.add("tls-ca-cert-file " + guarded.chain());
      lines.add("tls-auth-clients no");
      lines.addAll(guarded.users());
    }
    return lines;
  }
}
