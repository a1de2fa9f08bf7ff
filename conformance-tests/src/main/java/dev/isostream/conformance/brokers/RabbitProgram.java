package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A RabbitMQ server and its Erlang in a directory: the one that was named, or Debian's own
 * packages, unpacked once beside the brokers' files.
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
  private static final List<String> NEEDED =
      List.of("rabbitmq_prelaunch-", "rabbitmq_stream-", "rabbitmq_stream_common-");
  private static final Path HOMES = Path.of("usr", "lib", "rabbitmq", "lib");
  private static final Path ERLANG = Path.of("usr", "lib", "erlang");
  private static final String HOME_PREFIX = "rabbitmq_server-";

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

  private static RabbitProgram unpacked(Path root) {
    if (in(root).isEmpty()) {
      try {
        DebianPackages.unpack(PACKAGES, root, RabbitProgram::prepare);
      } catch (IOException failed) {
        throw new BrokerUnavailableException(
            "Debian's package of RabbitMQ is not to be had: "
                + failed.getMessage()
                + ". On Debian or Ubuntu, make 'apt-get download rabbitmq-server' work; elsewhere"
                + " use -Dbrokers.mode=containers, or unpack a server and Erlang and name the"
                + " directory: -D"
                + BrokerSettings.RABBITMQ_SERVER
                + "=/path",
            failed);
      }
    }
    return in(root)
        .orElseThrow(
            () -> new BrokerUnavailableException("no server is in Debian's packages, in " + root));
  }

  private static void prepare(Path making, Path root) throws IOException {
    relocate(making, root);
    for (Path home : list(making.resolve(HOMES))) {
      for (Path plugin : list(home.resolve("plugins"))) {
        if (!isNeeded(plugin.getFileName().toString())) {
          WorkDirectory.delete(plugin);
        }
      }
    }
  }

  /**
   * A node looks through all directories of plug-ins for each module that it loads, and there are
   * some thousand in a start: it starts in two thirds of the time without those that stay off.
   */
  private static boolean isNeeded(String plugin) {
    return !plugin.startsWith("rabbitmq_") || NEEDED.stream().anyMatch(plugin::startsWith);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  /** Erlang's scripts know where they were to be installed. */
  private static void relocate(Path making, Path root) throws IOException {
    Path erlang = making.resolve(ERLANG);
    List<Path> bins = new ArrayList<>(List.of(erlang.resolve("bin")));
    list(erlang).stream()
        .filter(path -> path.getFileName().toString().startsWith("erts-"))
        .forEach(runtime -> bins.add(runtime.resolve("bin")));
    for (Path bin : bins) {
      relocateScript(bin.resolve("erl"), root.resolve(ERLANG));
      relocateScript(bin.resolve("start"), root.resolve(ERLANG));
    }
  }

  private static void relocateScript(Path script, Path to) throws IOException {
    if (Files.isRegularFile(script)) {
      String text = Files.readString(script);
      Files.writeString(
          script, text.replaceAll("ROOTDIR=\"?/usr/lib/erlang\"?", "ROOTDIR=\"" + to + "\""));
    }
  }

  /** For example {@code 4.0.5}. */
  String version() {
    return home.getFileName().toString().substring(HOME_PREFIX.length());
  }
}
