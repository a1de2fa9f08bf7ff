package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * kinesis-mock and dynalite, each in a process of its own: large records keep the one busy for
 * seconds, and leases must not wait for that. Confined to the broker that starts it.
 */
final class KinesisEmulators implements KinesisStores {
  private static final String READY = "Emulator ready";
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  /** In MB. For each large record the emulator of Kinesis makes garbage many times its size. */
  private static final String YOUNG_GENERATION = "--max-semi-space-size=128";

  private static final int KEPT_LINES = 200;
  private static final int SHOWN_LINES = 20;
  private static final int KINESIS = 0;
  private static final int KINESIS_TLS = 1;
  private static final int DYNAMODB = 2;

  private final KinesisProgram program;
  private final Path directory;
  private final List<Integer> ports = Ports.free(3);
  private @Nullable ChildProcess kinesis;
  private @Nullable ChildProcess dynamoDb;

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
    if (dynamoDb == null) {
      dynamoDb = started("dynamodb", dynamoDbCommand());
    }
    if (kinesis == null) {
      kinesis = started("kinesis", kinesisCommand());
    }
  }

  private ProcessBuilder dynamoDbCommand() {
    ProcessBuilder command =
        new ProcessBuilder("node", KinesisProgram.dynamoDbServer(directory).toString());
    Map<String, String> environment = command.environment();
    environment.put("EMULATORS_DYNAMODB_PORT", Integer.toString(dynamoDbPort()));
    environment.put("EMULATORS_DYNAMODB_MODULE", program.dynamoDb().toString());
    return command;
  }

  private ProcessBuilder kinesisCommand() {
    ProcessBuilder command =
        new ProcessBuilder(
            "node",
            YOUNG_GENERATION,
            "-r",
            KinesisProgram.loopbackOnly(directory).toString(),
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
    return command;
  }

  private ChildProcess started(String what, ProcessBuilder command) {
    command.environment().put("EMULATORS_READY", READY);
    ChildProcess started =
        ChildProcess.start(
            directory.getFileName() + "-" + what,
            command.directory(directory.toFile()).redirectErrorStream(true),
            KEPT_LINES,
            line -> {});
    try {
      if (started.out().next(line -> line.contains(READY), START_LIMIT).isEmpty()) {
        String words = started.lastWords(SHOWN_LINES);
        started.kill();
        throw new BrokerUnavailableException("the emulator of " + what + " was not ready:" + words);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      started.kill();
      throw new BrokerUnavailableException("interrupted while " + what + " started", interrupted);
    }
    return started;
  }

  @Override
  public void close() {
    if (kinesis != null) {
      kinesis.kill();
      kinesis = null;
    }
    if (dynamoDb != null) {
      dynamoDb.kill();
      dynamoDb = null;
    }
  }
}
