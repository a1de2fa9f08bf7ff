package dev.isostream.conformance.brokers;

import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The program {@code redis-server}: the one that was named, the one on the path, or Debian's own
 * package, unpacked once beside the brokers' files.
 *
 * @param libraries where its libraries are; empty for the system's
 */
record RedisProgram(Path file, Optional<Path> libraries) {
  private static final List<String> PACKAGES =
      List.of("redis-server", "redis-tools", "libjemalloc2", "liblzf1");

  /** Fails: {@link BrokerUnavailableException}, with what to install. */
  static RedisProgram find(BrokerSettings settings) {
    Optional<String> named = settings.get(BrokerSettings.REDIS_SERVER);
    if (named.isPresent()) {
      Path file = Path.of(named.get());
      if (!Files.isExecutable(file)) {
        throw new BrokerUnavailableException(
            "-D" + BrokerSettings.REDIS_SERVER + "=" + file + " is no program");
      }
      return new RedisProgram(file, Optional.empty());
    }
    return onPath()
        .orElseGet(() -> unpacked(settings.directory().resolve("redis-program").toAbsolutePath()));
  }

  private static Optional<RedisProgram> onPath() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "redis-server"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(file -> new RedisProgram(file, Optional.empty()));
  }

  private static RedisProgram unpacked(Path root) {
    Path file = root.resolve("usr/bin/redis-server");
    if (!Files.isExecutable(file)) {
      try {
        DebianPackages.unpack(PACKAGES, root, (making, to) -> {});
      } catch (IOException failed) {
        throw new BrokerUnavailableException(
            "there is no redis-server on the path, and Debian's package is not to be had: "
                + failed.getMessage()
                + ". Install Redis 7.0 or newer (on Debian: 'apt-get install redis-server'), or"
                + " name the program: -D"
                + BrokerSettings.REDIS_SERVER
                + "=/path/of/redis-server",
            failed);
      }
    }
    try (Stream<Path> below = Files.walk(root.resolve("usr/lib"))) {
      Optional<Path> libraries =
          below
              .filter(path -> path.getFileName().toString().startsWith("libjemalloc"))
              .findFirst()
              .map(Path::getParent);
      return new RedisProgram(file, libraries);
    } catch (IOException failed) {
      throw new BrokerUnavailableException("can't look into " + root, failed);
    }
  }

  /**
   * Takes off what a killed server had begun to write. The server does so itself, but leaves half a
   * transaction, which comes back with its next start.
   */
  void repair(Path manifest) {
    String checker = file.resolveSibling("redis-check-aof").toString();
    try {
      Process process =
          command(checker, List.of("--fix", manifest.toString()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (Writer answer = process.outputWriter()) {
        answer.write("y\n");
      } catch (IOException unasked) {
        // there was nothing to mend
      }
      if (process.waitFor() != 0) {
        throw new BrokerUnavailableException(checker + " could not mend " + manifest);
      }
    } catch (IOException failed) {
      throw new BrokerUnavailableException(
          "can't run " + checker + ", which is part of Redis (on Debian: redis-tools)", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while mending " + manifest, interrupted);
    }
  }

  /** The command with these arguments. */
  ProcessBuilder command(List<String> arguments) {
    return command(file.toString(), arguments);
  }

  private ProcessBuilder command(String command, List<String> arguments) {
    List<String> all = new ArrayList<>();
    all.add(command);
    all.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(all);
    Map<String, String> environment = builder.environment();
    libraries.ifPresent(path -> environment.put("LD_LIBRARY_PATH", path.toString()));
    return builder;
  }
}
