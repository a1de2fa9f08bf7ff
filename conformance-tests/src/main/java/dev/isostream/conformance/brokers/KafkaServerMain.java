package dev.isostream.conformance.brokers;

import java.io.BufferedReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What a local Kafka really runs, on the server's class path: formats the storage if that was never
 * done, then becomes the broker. One JVM for both, since a second one would cost a second or two.
 *
 * <p>It names the server's two entry points by text, so that the server's jars are on no class path
 * but the child's. It may use nothing but the JDK and {@link ParentWatch}.
 */
final class KafkaServerMain {
  private KafkaServerMain() {}

  /** {@code <server.properties> <cluster id>} */
  public static void main(String[] args) throws Throwable {
    ParentWatch.start(System.in, OutputStream.nullOutputStream());
    Path file = Path.of(args[0]);
    Properties settings = new Properties();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    }
    if (!Files.exists(Path.of(settings.getProperty("log.dirs"), "meta.properties"))) {
      format(file, args[1]);
    }
    entry("kafka.Kafka", "main", MethodType.methodType(void.class, String[].class))
        .invoke(new String[] {file.toString()});
  }

  private static void format(Path file, String clusterId) throws Throwable {
    MethodHandle storageTool =
        entry(
            "kafka.tools.StorageTool",
            "execute",
            MethodType.methodType(int.class, String[].class, PrintStream.class));
    String[] command = {"format", "--cluster-id", clusterId, "--config", file.toString()};
    int code = (int) storageTool.invoke(command, System.out);
    if (code != 0) {
      System.exit(code);
    }
  }

  private static MethodHandle entry(String className, String method, MethodType type)
      throws ReflectiveOperationException {
    return MethodHandles.publicLookup().findStatic(Class.forName(className), method, type);
  }
}
