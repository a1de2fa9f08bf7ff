package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The emulators of Kinesis (kinesis-mock, as the package {@code kinesis-local}) and of DynamoDB
 * (dynalite) in a directory: the one that was named, or made by {@code npm}, once beside the
 * brokers' files. Where there is no {@code npm}, it is installed, which only root may on Debian.
 *
 * @param modules where the packages are
 */
record KinesisProgram(Path modules) {
  private static final String KINESIS = "kinesis-local";
  private static final String KINESIS_VERSION = "0.6.2";
  private static final String DYNAMODB = "dynalite";
  private static final String DYNAMODB_VERSION = "4.0.0";
  private static final String LOOPBACK_ONLY = "kinesis-loopback.js";
  private static final String DYNAMODB_SERVER = "kinesis-dynamodb.js";
  private static final String FRONT = "kinesis-front.js";
  private static final long COMMAND_SECONDS = 180;

  /** Fails: {@link BrokerUnavailableException}, with what to install. */
  static KinesisProgram find(BrokerSettings settings) {
    Optional<Path> named = settings.get(BrokerSettings.KINESIS_EMULATORS).map(Path::of);
    if (named.isPresent()) {
      return in(named.get().toAbsolutePath())
          .orElseThrow(
              () ->
                  new BrokerUnavailableException(
                      "-D"
                          + BrokerSettings.KINESIS_EMULATORS
                          + "="
                          + named.get()
                          + " holds no node_modules with "
                          + KINESIS
                          + " and "
                          + DYNAMODB));
    }
    return installed(settings.directory().resolve("kinesis-program").toAbsolutePath());
  }

  private static Optional<KinesisProgram> in(Path root) {
    Path modules = root.resolve("node_modules");
    return Files.isRegularFile(modules.resolve(KINESIS).resolve("main.js"))
            && Files.isDirectory(modules.resolve(DYNAMODB))
        ? Optional.of(new KinesisProgram(modules))
        : Optional.empty();
  }

  private static synchronized KinesisProgram installed(Path root) {
    Optional<KinesisProgram> present = in(root);
    if (present.isPresent()) {
      return present.get();
    }
    Path making = root.resolveSibling(root.getFileName() + "-" + ProcessHandle.current().pid());
    try {
      Files.createDirectories(making);
      installNode(making);
      run(
          making,
          List.of(
              "npm",
              "install",
              "--no-audit",
              "--no-fund",
              "--prefix",
              making.toString(),
              KINESIS + "@" + KINESIS_VERSION,
              DYNAMODB + "@" + DYNAMODB_VERSION));
      Files.move(making, root);
    } catch (IOException failed) {
      Optional<KinesisProgram> others = in(root); // another build was faster
      if (others.isPresent()) {
        return others.get();
      }
      throw new BrokerUnavailableException(
          "the emulators of Kinesis and DynamoDB are not to be had: "
              + failed.getMessage()
              + ". Install Node.js 18 or newer with npm (on Debian: 'apt-get install nodejs npm'),"
              + " or use -Dbrokers.mode=containers, or name a directory in which 'npm install "
              + KINESIS
              + " "
              + DYNAMODB
              + "' was run: -D"
              + BrokerSettings.KINESIS_EMULATORS
              + "=/path",
          failed);
    } finally {
      WorkDirectory.delete(making);
    }
    return in(root)
        .orElseThrow(() -> new BrokerUnavailableException("npm left no emulators in " + root));
  }

  private static void installNode(Path directory) throws IOException {
    try {
      run(directory, List.of("npm", "--version"));
    } catch (IOException absent) {
      DebianPackages.install(List.of("nodejs", "npm"));
    }
  }

  private static void run(Path directory, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command.subList(0, 2)) + " failed: " + output);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while installing the emulators", interrupted);
    } finally {
      process.destroyForcibly();
    }
  }

  /** What is loaded before the emulator of Kinesis. */
  static Path loopbackOnly(Path directory) {
    return copy(LOOPBACK_ONLY, directory);
  }

  /** What runs the emulator of DynamoDB. */
  static Path dynamoDbServer(Path directory) {
    return copy(DYNAMODB_SERVER, directory);
  }

  /** What stands in front of the emulators. */
  static Path front(Path directory) {
    return copy(FRONT, directory);
  }

  /** A file, which Node.js needs. */
  private static Path copy(String name, Path directory) {
    Path file = directory.resolve(name);
    try (InputStream source = KinesisProgram.class.getResourceAsStream(name)) {
      if (source == null) {
        throw new IllegalStateException(name + " is missing");
      }
      Files.write(file, source.readAllBytes());
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write " + file, failed);
    }
    return file;
  }

  Path kinesis() {
    return modules.resolve(KINESIS);
  }

  Path dynamoDb() {
    return modules.resolve(DYNAMODB);
  }

  /** For reports: which emulators they are. */
  static String version() {
    return KINESIS + " " + KINESIS_VERSION + ", " + DYNAMODB + " " + DYNAMODB_VERSION;
  }
}
