package dev.isostream.conformance.brokers;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The jars of a Kafka broker, as the build has resolved them. Immutable.
 *
 * @param jars paths, separated as this system does it
 */
record KafkaClassPath(String jars) {
  private static final Path FILE = Path.of("servers", "kafka.classpath");
  private static final Pattern SERVER_JAR = Pattern.compile("kafka_2\\.13-(.+)\\.jar");
  private static final String REMEDY =
      "Run './mvnw process-classes -pl conformance-tests/servers/kafka' (it fetches Kafka from"
          + " Maven's repository), or give the file by -D"
          + BrokerSettings.KAFKA_CLASS_PATH
          + "=<file>, or use another way to a Kafka: -Dbrokers.mode=containers, or"
          + " -Dbrokers.kafka.address=host:port.";

  /**
   * Reads the class path's file, from where the settings say or from the places where the build
   * leaves it.
   */
  static KafkaClassPath find(BrokerSettings settings) {
    Set<Path> places = new LinkedHashSet<>();
    settings
        .get(BrokerSettings.KAFKA_CLASS_PATH)
        .map(Path::of)
        .ifPresentOrElse(places::add, () -> addUsual(places));
    Path file =
        places.stream()
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseThrow(
                () ->
                    new BrokerUnavailableException(
                        "no class path of a Kafka server found; looked for "
                            + places
                            + ". "
                            + REMEDY));
    return read(file);
  }

  private static void addUsual(Set<Path> places) {
    Path module = Path.of("conformance-tests");
    Path server = Path.of("servers", "kafka", "target");
    for (Path base : List.of(Path.of(""), module, Path.of("..").resolve(module))) {
      places.add(base.resolve("target").resolve(FILE));
      places.add(base.resolve(server).resolve(FILE));
    }
    CodeSource source = KafkaClassPath.class.getProtectionDomain().getCodeSource();
    if (source != null) {
      try {
        Path target = Path.of(source.getLocation().toURI()).resolveSibling("");
        places.add(target.resolve(FILE));
      } catch (URISyntaxException | IllegalArgumentException notAFile) {
        // loaded from elsewhere: the places relative to the working directory remain
      }
    }
  }

  private static KafkaClassPath read(Path file) {
    try {
      String jars = Files.readString(file).strip();
      for (String jar : jars.split(Pattern.quote(File.pathSeparator), -1)) {
        if (!Files.exists(Path.of(jar))) {
          throw new BrokerUnavailableException(
              file + " names a file that is not there: " + jar + ". " + REMEDY);
        }
      }
      return new KafkaClassPath(jars);
    } catch (IOException failed) {
      throw new BrokerUnavailableException("can't read " + file, failed);
    }
  }

  /** The server's release, from the name of its jar. */
  String version() {
    Matcher jar = SERVER_JAR.matcher(jars.replace(File.pathSeparatorChar, '\n'));
    return jar.find() ? jar.group(1) : "unknown";
  }
}
