package dev.isostream.conformance.brokers;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * The files that a local Kafka reads: its settings, how it logs, and the classes that launch it.
 */
record KafkaFiles(Path directory) {
  private static final String LOGGING =
      """
      Configuration:
        status: ERROR
        Appenders:
          Console:
            name: out
            PatternLayout:
              pattern: "%d{HH:mm:ss.SSS} %p %m (%c)%n"
        Loggers:
          Root:
            level: INFO
            AppenderRef:
              ref: out
      """;

  Path settings() {
    return directory.resolve("server.properties");
  }

  Path logging() {
    return directory.resolve("log4j2.yaml");
  }

  Path launcher() {
    return directory.resolve("launcher");
  }

  Path data() {
    return directory.resolve("data");
  }

  /** Writes all of them anew. */
  void write(Map<String, String> serverSettings) {
    try {
      Properties properties = new Properties();
      properties.putAll(serverSettings);
      try (BufferedWriter writer = Files.newBufferedWriter(settings())) {
        properties.store(writer, null);
      }
      Files.writeString(logging(), LOGGING);
      LauncherFiles.copy(launcher(), KafkaServerMain.class, ParentWatch.class);
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write Kafka's files in " + directory, failed);
    }
  }
}
