package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** kinesis-mock and dynalite, both in one process. Confined to the broker that starts it. */
final class KinesisEmulators implements KinesisStores {
  private static final String READY = "Emulators ready";
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final int KEPT_LINES = 200;
  private static final int SHOWN_LINES = 20;
  private static final int KINESIS = 0;
  private static final int KINESIS_TLS = 1;
  private static final int DYNAMODB = 2;

  private final KinesisProgram program;
  private final Path directory;
  private final List<Integer> ports = Ports.free(3);
  private @Nullable ChildProcess process;

  KinesisEmulators(KinesisProgram program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  @Override
  public String version() {
    return KinesisProgram.version();
  }

  @Override
  public String host() {
    return LocalBroker.HOST;
  }

  @Override
  public int kinesisPort() {
    return ports.get(KINESIS);
  }

  @Override
  public int dynamoDbPort() {
    return ports.get(DYNAMODB);
  }

  @Override
  public void start() {
    if (process != null) {
      return;
    }
    ProcessBuilder command =
        new ProcessBuilder(
            "node",
            "-r",
            KinesisProgram.emulators(directory).toString(),
            program.kinesis().resolve("main.js").toString());
    Map<String, String> environment = command.environment();
    environment.put("KINESIS_MOCK_PLAIN_PORT", Integer.toString(kinesisPort()));
    environment.put("KINESIS_MOCK_TLS_PORT", Integer.toString(ports.get(KINESIS_TLS)));
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
    environment.put("EMULATORS_DYNAMODB_PORT", Integer.toString(dynamoDbPort()));
    environment.put("EMULATORS_DYNAMODB_MODULE", program.dynamoDb().toString());
    environment.put("EMULATORS_READY", READY);
    ChildProcess started =
        ChildProcess.start(
            directory.getFileName() + "-emulators",
            command.directory(directory.toFile()).redirectErrorStream(true),
            KEPT_LINES,
            line -> {});
    try {
      if (started.out().next(line -> line.contains(READY), START_LIMIT).isEmpty()) {
        String words = started.lastWords(SHOWN_LINES);
        started.kill();
        throw new BrokerUnavailableException("the emulators were not ready:" + words);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      started.kill();
      throw new BrokerUnavailableException("interrupted while emulators started", interrupted);
    }
    process = started;
  }

  @Override
  public void close() {
    ChildProcess running = process;
    process = null;
    if (running != null) {
      running.kill();
    }
  }
}
