package dev.isostream.conformance.brokers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The settings of {@link Brokers}, checked. Immutable. */
final class BrokerSettings {
  static final String SELECTION = "brokers";
  static final String MODE = "brokers.mode";
  static final String DIRECTORY = "brokers.dir";
  static final String KAFKA_CLASS_PATH = "brokers.kafka.classpath";
  static final String KAFKA_JVM = "brokers.kafka.jvm";
  static final String REDIS_SERVER = "brokers.redis.server";
  static final String RABBITMQ_SERVER = "brokers.rabbitmq.server";
  static final String PULSAR_ADMIN_URL = "brokers.pulsar.admin.url";
  static final String PULSAR_CLASS_PATH = "brokers.pulsar.classpath";
  static final String PULSAR_JVM = "brokers.pulsar.jvm";
  static final String KINESIS_EMULATORS = "brokers.kinesis.emulators";

  /** Those that have a server: each has an address and an image. */
  private static final List<String> SERVERS =
      List.of("kafka", "redis", "rabbitmq", "pulsar", "kinesis");

  static final List<String> KNOWN_BROKERS =
      Stream.concat(Stream.of("memory"), SERVERS.stream()).toList();

  private static final List<String> KNOWN_SETTINGS =
      Stream.concat(
              Stream.of(
                  SELECTION,
                  MODE,
                  DIRECTORY,
                  KAFKA_CLASS_PATH,
                  KAFKA_JVM,
                  REDIS_SERVER,
                  RABBITMQ_SERVER,
                  PULSAR_ADMIN_URL,
                  PULSAR_CLASS_PATH,
                  PULSAR_JVM,
                  KINESIS_EMULATORS),
              SERVERS.stream().flatMap(name -> Stream.of(addressSetting(name), imageSetting(name))))
          .sorted()
          .toList();

  private static final Path BUILD = Path.of("target");
  private static final Path TEMPORARY =
      Path.of(System.getProperty("java.io.tmpdir"), "isostream-brokers");
  private static final String AUTO = "auto";
  private static final List<String> KNOWN_MODES =
      List.of(
          AUTO,
          BrokerMode.CONTAINERS.toString(),
          BrokerMode.LOCAL.toString(),
          BrokerMode.EXTERNAL.toString());

  private final Map<String, String> settings;

  BrokerSettings(Map<String, String> given) {
    this.settings = new TreeMap<>(given);
    List<String> problems = new ArrayList<>();
    settings.keySet().forEach(name -> checkKnown("setting", name, KNOWN_SETTINGS, problems));
    selected()
        .forEach(
            name ->
                checkKnown(
                    "broker in -Dbrokers=" + get(SELECTION).orElse(""),
                    name,
                    KNOWN_BROKERS,
                    problems));
    checkKnown("value of -D" + MODE, settings.getOrDefault(MODE, AUTO), KNOWN_MODES, problems);
    SERVERS.forEach(broker -> checkAddress(broker, addressSetting(broker), problems));
    if (selected().isEmpty()) {
      problems.add(
          "-Dbrokers= selects nothing; allowed: any of "
              + KNOWN_BROKERS
              + ", or leave it out for all");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
  }

  private static void checkKnown(
      String what, String name, List<String> known, List<String> problems) {
    if (!known.contains(name)) {
      problems.add(
          "unknown "
              + what
              + ": '"
              + name
              + "'; did you mean '"
              + NearestName.of(name, known)
              + "'? Known: "
              + known);
    }
  }

  private void checkAddress(String broker, String setting, List<String> problems) {
    Optional<String> address = get(setting);
    Optional<BrokerMode> mode = mode(broker);
    if (address.isPresent() && !address.get().matches("(\\[[0-9a-fA-F:.]+]|[^:\\s,]+):\\d{1,5}")) {
      problems.add("-D" + setting + "=" + address.get() + " is not an address; allowed: host:port");
    }
    if (address.isPresent() && mode.isPresent() && mode.get() != BrokerMode.EXTERNAL) {
      problems.add(
          "-D"
              + setting
              + " goes with -D"
              + MODE
              + "="
              + BrokerMode.EXTERNAL
              + " only, not with "
              + mode.get()
              + "; drop one of the two");
    }
    if (mode.isPresent()
        && mode.get() == BrokerMode.EXTERNAL
        && address.isEmpty()
        && selected().contains(broker)) {
      problems.add(
          "-D"
              + MODE
              + "="
              + BrokerMode.EXTERNAL
              + " needs the address of a running broker: -D"
              + setting
              + "=host:port, or -D"
              + SELECTION
              + "= without "
              + broker);
    }
  }

  /** The chosen brokers, in the order of {@link #KNOWN_BROKERS}, then the unknown ones. */
  List<String> selected() {
    return get(SELECTION).map(BrokerSettings::names).orElse(KNOWN_BROKERS);
  }

  private static List<String> names(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }

  /** The mode that was asked for by name, or by giving an address; empty for {@code auto}. */
  Optional<BrokerMode> mode(String broker) {
    String mode = settings.getOrDefault(MODE, AUTO);
    if (mode.equals(AUTO)) {
      return address(broker).map(address -> BrokerMode.EXTERNAL);
    }
    return Arrays.stream(BrokerMode.values())
        .filter(known -> known.toString().equals(mode))
        .findFirst();
  }

  Optional<String> get(String name) {
    return Optional.ofNullable(settings.get(name));
  }

  /** What clients of one that somebody else runs have to be told beside its address. */
  Map<String, String> properties(String broker) {
    return broker.equals("pulsar")
        ? get(PULSAR_ADMIN_URL)
            .map(url -> Map.of(PulsarServerSettings.ADMIN_URL, url))
            .orElse(Map.of())
        : Map.of();
  }

  private static String addressSetting(String broker) {
    return SELECTION + "." + broker + ".address";
  }

  private static String imageSetting(String broker) {
    return SELECTION + "." + broker + ".image";
  }

  /** Where a broker of this kind runs, if somebody said so. */
  Optional<String> address(String broker) {
    return get(addressSetting(broker));
  }

  /** Which image is wanted of this kind, if somebody said so. */
  Optional<String> image(String broker) {
    return get(imageSetting(broker));
  }

  /** Where brokers put their files: beside the other products of the build, where there is one. */
  Path directory() {
    return get(DIRECTORY)
        .map(Path::of)
        .orElseGet(() -> keepsLogs() ? BUILD.resolve("brokers") : TEMPORARY);
  }

  /**
   * Whether the brokers' logs stay for someone to read: not in the system's directory for temporary
   * files.
   */
  boolean keepsLogs() {
    return get(DIRECTORY).isPresent() || Files.isDirectory(BUILD);
  }
}
