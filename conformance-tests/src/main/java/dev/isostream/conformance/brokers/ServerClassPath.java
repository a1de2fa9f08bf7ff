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
 * The jars of a broker that runs in a JVM, as the build has resolved them. Immutable.
 *
 * @param jars paths, separated as this system does it
 * @param serverJar whose name tells the release, as its only group
 */
record ServerClassPath(String jars, Pattern serverJar) {
  private static final Pattern KAFKA_JAR = Pattern.compile("kafka_2\\.13-(.+)\\.jar");
  private static final Pattern PULSAR_JAR = Pattern.compile("pulsar-broker-(\\d.+)\\.jar");

  /** Kafka's. */
  static ServerClassPath kafka(BrokerSettings settings) {
    return find(settings, "kafka", "Kafka", BrokerSettings.KAFKA_CLASS_PATH, KAFKA_JAR);
  }

  /** Pulsar's. */
  static ServerClassPath pulsar(BrokerSettings settings) {
    return find(settings, "pulsar", "Pulsar", BrokerSettings.PULSAR_CLASS_PATH, PULSAR_JAR);
  }

  /**
   * Reads the class path's file, from where the settings say or from the places where the build
   * leaves it.
   */
  private static ServerClassPath find(
      BrokerSettings settings, String name, String product, String setting, Pattern serverJar) {
    String remedy =
        "Run './mvnw process-classes -pl conformance-tests/servers/%s' (it fetches %s from Maven's"
                .formatted(name, product)
            + " repository), or give the file by -D%s=<file>, or use another way to a %s:"
                .formatted(setting, product)
            + " -Dbrokers.mode=containers, or -Dbrokers.%s.address=host:port.".formatted(name);
    Set<Path> places = new LinkedHashSet<>();
    settings.get(setting).map(Path::of).ifPresentOrElse(places::add, () -> addUsual(name, places));
    Path file =
        places.stream()
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseThrow(
                () ->
                    new BrokerUnavailableException(
                        "no class path of a "
                            + product
                            + " server found; looked for "
                            + places
                            + ". "
                            + remedy));
    return read(file, serverJar, remedy);
  }

  private static void addUsual(String name, Set<Path> places) {
    Path listed = Path.of("servers", name + ".classpath");
    Path module = Path.of("conformance-tests");
    Path server = Path.of("servers", name, "target");
    for (Path base : List.of(Path.of(""), module, Path.of("..").resolve(module))) {
      places.add(base.resolve("target").resolve(listed));
      places.add(base.resolve(server).resolve(listed));
    }
    CodeSource source = ServerClassPath.class.getProtectionDomain().getCodeSource();
    if (source != null) {
      try {
        Path target = Path.of(source.getLocation().toURI()).resolveSibling("");
        places.add(target.resolve(listed));
      } catch (URISyntaxException | IllegalArgumentException notAFile) {
        // loaded from elsewhere: the places relative to the working directory remain
      }
    }
  }

  private static ServerClassPath read(Path file, Pattern serverJar, String remedy) {
    try {
      String jars = Files.readString(file).strip();
      for (String jar : jars.split(Pattern.quote(File.pathSeparator), -1)) {
        if (!Files.exists(Path.of(jar))) {
          throw new BrokerUnavailableException(
              file + " names a file that is not there: " + jar + ". " + remedy);
        }
      }
      return new ServerClassPath(jars, serverJar);
    } catch (IOException failed) {
      throw new BrokerUnavailableException("can't read " + file, failed);
    }
  }

  /** The server's release, from the name of its jar. */
  String version() {
    Matcher jar = serverJar.matcher(jars.replace(File.pathSeparatorChar, '\n'));
    return jar.find() ? jar.group(1) : "unknown";
  }
}
