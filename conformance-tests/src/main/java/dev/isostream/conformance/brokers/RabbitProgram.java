package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A RabbitMQ server and its Erlang in a directory: the one that was named, or Debian's own
 * packages, unpacked once beside the brokers' files without being installed, so that nothing is
 * started and nothing of the system changes.
 *
 * @param home where the server's {@code sbin} and {@code plugins} are
 * @param erlang where Erlang's {@code bin} is
 */
record RabbitProgram(Path home, Path erlang) {
  private static final List<String> PACKAGES =
      List.of(
          "rabbitmq-server",
          "erlang-base",
          "erlang-crypto",
          "erlang-eldap",
          "erlang-inets",
          "erlang-mnesia",
          "erlang-os-mon",
          "erlang-parsetools",
          "erlang-public-key",
          "erlang-runtime-tools",
          "erlang-ssl",
          "erlang-syntax-tools",
          "erlang-tools",
          "erlang-xmerl",
          "erlang-asn1");
  private static final Path HOMES = Path.of("usr", "lib", "rabbitmq", "lib");
  private static final Path ERLANG = Path.of("usr", "lib", "erlang");
  private static final String HOME_PREFIX = "rabbitmq_server-";
  private static final long COMMAND_SECONDS = 300;

  /** Fails: {@link BrokerUnavailableException}, with what to install. */
  static RabbitProgram find(BrokerSettings settings) {
    Optional<Path> named = settings.get(BrokerSettings.RABBITMQ_SERVER).map(Path::of);
    if (named.isPresent()) {
      return in(named.get().toAbsolutePath())
          .orElseThrow(
              () ->
                  new BrokerUnavailableException(
                      "-D"
                          + BrokerSettings.RABBITMQ_SERVER
                          + "="
                          + named.get()
                          + " holds no server: "
                          + HOMES
                          + "/"
                          + HOME_PREFIX
                          + "<version> and "
                          + ERLANG
                          + " have to be in it"));
    }
    return unpacked(settings.directory().resolve("rabbitmq-program").toAbsolutePath());
  }

  private static Optional<RabbitProgram> in(Path root) {
    Path homes = root.resolve(HOMES);
    if (!Files.isDirectory(homes) || !Files.isExecutable(root.resolve(ERLANG).resolve("bin/erl"))) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(homes)) {
      return all.filter(path -> path.getFileName().toString().startsWith(HOME_PREFIX))
          .findFirst()
          .map(home -> new RabbitProgram(home, root.resolve(ERLANG)));
    } catch (IOException failed) {
      throw new BrokerUnavailableException("can't look into " + homes, failed);
    }
  }

  private static synchronized RabbitProgram unpacked(Path root) {
    Optional<RabbitProgram> present = in(root);
    if (present.isPresent()) {
      return present.get();
    }
    Path making = root.resolveSibling(root.getFileName() + "-" + ProcessHandle.current().pid());
    try {
      unpack(making, root);
      Files.createDirectories(root.resolveSibling(""));
      Files.move(making, root);
    } catch (IOException failed) {
      Optional<RabbitProgram> others = in(root); // another build was faster
      if (others.isPresent()) {
        return others.get();
      }
      throw new BrokerUnavailableException(
          "Debian's package of RabbitMQ is not to be had: "
              + failed.getMessage()
              + ". On Debian or Ubuntu, make 'apt-get download rabbitmq-server' work; elsewhere use"
              + " -Dbrokers.mode=containers, or unpack a server and Erlang and name the directory:"
              + " -D"
              + BrokerSettings.RABBITMQ_SERVER
              + "=/path",
          failed);
    } finally {
      WorkDirectory.delete(making);
    }
    return in(root)
        .orElseThrow(
            () -> new BrokerUnavailableException("no server is in Debian's packages, in " + root));
  }

  private static void unpack(Path making, Path root) throws IOException {
    Path packages = Files.createDirectories(making.resolve("packages"));
    List<String> download = new ArrayList<>(List.of("apt-get", "download"));
    download.addAll(PACKAGES);
    try {
      run(packages, download);
    } catch (IOException stale) {
      // a fresh machine has no list of packages yet
      run(packages, List.of("apt-get", "update"));
      run(packages, download);
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(packages)) {
      files = all.filter(file -> file.toString().endsWith(".deb")).toList();
    }
    for (Path file : files) {
      run(making, List.of("dpkg", "-x", file.toString(), making.toString()));
    }
    // Erlang's scripts know where they were to be installed
    for (String script : List.of("bin/erl", "bin/start")) {
      relocate(making.resolve(ERLANG).resolve(script), root.resolve(ERLANG));
    }
    try (Stream<Path> all = Files.list(making.resolve(ERLANG))) {
      for (Path runtime :
          all.filter(p -> p.getFileName().toString().startsWith("erts-")).toList()) {
        relocate(runtime.resolve("bin/erl"), root.resolve(ERLANG));
        relocate(runtime.resolve("bin/start"), root.resolve(ERLANG));
      }
    }
  }

  private static void relocate(Path script, Path to) throws IOException {
    if (Files.isRegularFile(script)) {
      String text = Files.readString(script);
      Files.writeString(
          script, text.replaceAll("ROOTDIR=\"?/usr/lib/erlang\"?", "ROOTDIR=\"" + to + "\""));
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
      throw new IOException("interrupted while unpacking RabbitMQ", interrupted);
    } finally {
      process.destroyForcibly();
    }
  }

  /** For example {@code 4.0.5}. */
  String version() {
    return home.getFileName().toString().substring(HOME_PREFIX.length());
  }
}
