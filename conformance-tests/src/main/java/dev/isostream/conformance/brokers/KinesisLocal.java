package dev.isostream.conformance.brokers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Emulators of Kinesis and DynamoDB in one process, and another process in front of them, with one
 * port for both services.
 *
 * <p>The services keep what they have confirmed, whatever of them fails; the emulators keep it in
 * memory. So it is the process in front that is killed, stopped and paused: connections end as with
 * any process that dies, what was under way is carried out or not, and nobody is told.
 */
final class KinesisLocal extends LocalBroker {
  private static final String READY = "Front ready";
  private static final String EMULATORS_READY = "Emulators ready";
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final int KEPT_LINES = 200;
  private static final int SHOWN_LINES = 20;
  private static final int PORTS = 6;
  private static final int FRONT = 0;
  private static final int KINESIS = 1;
  private static final int KINESIS_TLS = 2;
  private static final int DYNAMODB = 3;
  private static final int LOGIN = 4;
  private static final int TLS = 5;

  private final KinesisProgram program;
  private final @Nullable KinesisGuard guard;
  private @Nullable ChildProcess emulators;

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
  ProcessBuilder prepare() {
    if (emulators == null) {
      emulators = startEmulators();
    }
    ProcessBuilder command =
        new ProcessBuilder("node", KinesisProgram.front(directory()).toString());
    Map<String, String> environment = command.environment();
    environment.put("KINESIS_MOCK_PLAIN_PORT", Integer.toString(port(KINESIS)));
    environment.put("EMULATORS_DYNAMODB_PORT", Integer.toString(port(DYNAMODB)));
    environment.put("EMULATORS_FRONT_PORT", Integer.toString(port(FRONT)));
    environment.put("EMULATORS_FRONT_READY", READY);
    if (guard != null) {
      environment.putAll(guard.environment(port(LOGIN), port(TLS)));
    }
    return command;
  }

  private ChildProcess startEmulators() {
    ProcessBuilder command =
        new ProcessBuilder(
            "node",
            "-r",
            KinesisProgram.emulators(directory()).toString(),
            program.kinesis().resolve("main.js").toString());
    Map<String, String> environment = command.environment();
    environment.put("KINESIS_MOCK_PLAIN_PORT", Integer.toString(port(KINESIS)));
    environment.put("KINESIS_MOCK_TLS_PORT", Integer.toString(port(KINESIS_TLS)));
    environment.put("KINESIS_MOCK_CERT_PATH", program.kinesis().resolve("server.json").toString());
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
    environment.put("EMULATORS_DYNAMODB_PORT", Integer.toString(port(DYNAMODB)));
    environment.put("EMULATORS_DYNAMODB_MODULE", program.dynamoDb().toString());
    environment.put("EMULATORS_READY", EMULATORS_READY);
    ChildProcess started =
        ChildProcess.start(
            directory().getFileName() + "-emulators",
            command.directory(directory().toFile()).redirectErrorStream(true),
            KEPT_LINES,
            line -> {});
    try {
      if (started.out().next(line -> line.contains(EMULATORS_READY), START_LIMIT).isEmpty()) {
        String words = started.lastWords(SHOWN_LINES);
        started.kill();
        throw new BrokerUnavailableException("the emulators were not ready:" + words);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      started.kill();
      throw new BrokerUnavailableException("interrupted while emulators started", interrupted);
    }
    return started;
  }

  @Override
  void end() {
    if (emulators != null) {
      emulators.kill();
      emulators = null;
    }
  }
}
