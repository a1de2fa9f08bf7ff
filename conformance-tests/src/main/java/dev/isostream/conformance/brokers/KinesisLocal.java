package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Emulators of Kinesis and DynamoDB in one process, with one port in front.
 *
 * <p>The service keeps what it has confirmed; the emulator of Kinesis keeps it in memory, and writes
 * all of it at once, at intervals and when it is ended. Intervals short enough would make it write
 * all the time. So {@link #kill} cuts all connections at once, unanswered as they are, which is all
 * that a client can see of a crash, and lets the emulator write before it goes.
 */
final class KinesisLocal extends LocalBroker {
  private static final String READY = "Emulators ready";
  private static final int PORTS = 6;
  private static final int FRONT = 0;
  private static final int LOGIN = 4;
  private static final int TLS = 5;

  private final KinesisProgram program;
  private final @Nullable KinesisGuard guard;

  KinesisLocal(KinesisProgram program, BrokerSettings settings, boolean guarded) {
    super(settings, "kinesis", "Kinesis", PORTS, FRONT, READY);
    this.program = program;
    this.guard =
        guarded
            ? KinesisGuard.with(SelfSignedCertificate.make(directory(), List.of(HOST, "localhost")))
            : null;
  }

  @Override
  public String version() {
    return KinesisProgram.version();
  }

  @Override
  public Map<String, String> properties() {
    return KinesisGuard.anybody();
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(LOGIN), at(TLS)));
  }

  @Override
  public synchronized void kill() {
    stop();
  }

  @Override
  ProcessBuilder prepare() {
    Path launcher = KinesisProgram.launcher(directory());
    Path data = directory().resolve("data");
    try {
      Files.createDirectories(data);
    } catch (IOException failed) {
      throw new UncheckedIOException("can't make " + data, failed);
    }
    ProcessBuilder command =
        new ProcessBuilder(
            "node",
            "--max-old-space-size=768",
            "-r",
            launcher.toString(),
            program.kinesis().resolve("main.js").toString());
    Map<String, String> environment = command.environment();
    environment.put("KINESIS_MOCK_PLAIN_PORT", Integer.toString(port(1)));
    environment.put("KINESIS_MOCK_TLS_PORT", Integer.toString(port(2)));
    environment.put("KINESIS_MOCK_CERT_PATH", program.kinesis().resolve("server.json").toString());
    environment.put("SHOULD_PERSIST_DATA", "true");
    environment.put("PERSIST_PATH", data.toString());
    environment.put("PERSIST_INTERVAL", "1h");
    for (String what :
        List.of(
            "CREATE_STREAM",
            "DELETE_STREAM",
            "SPLIT_SHARD",
            "MERGE_SHARDS",
            "UPDATE_SHARD_COUNT",
            "REGISTER_STREAM_CONSUMER",
            "DEREGISTER_STREAM_CONSUMER")) {
      environment.put(what + "_DURATION", "20ms");
    }
    environment.put("SHARD_LIMIT", "5000");
    environment.put("LOG_LEVEL", "ERROR");
    environment.put("EMULATORS_FRONT_PORT", Integer.toString(port(FRONT)));
    environment.put("EMULATORS_DYNAMODB_PORT", Integer.toString(port(3)));
    environment.put("EMULATORS_DYNAMODB_MODULE", program.dynamoDb().toString());
    environment.put("EMULATORS_DYNAMODB_PATH", data.resolve("dynamodb").toString());
    environment.put("EMULATORS_READY", READY);
    if (guard != null) {
      environment.putAll(guard.environment(port(LOGIN), port(TLS)));
    }
    return command;
  }
}
