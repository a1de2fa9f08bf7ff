package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * What a Pulsar under test really runs, on the server's class path: the standalone broker, and a
 * look at a file that says what of its configuration is to be changed while it runs. Some settings
 * count for each topic when it is loaded, and Pulsar itself lets nobody change them then.
 *
 * <p>It names the server's classes by text, so that the server's jars are on no class path but the
 * child's. It may use nothing but the JDK and {@link ParentWatch}.
 */
final class PulsarServerMain {
  static final String READY = "isostream: Pulsar serves";

  /** Behind the name of the file of changes: what of it was done. */
  static final String DONE = ".done";

  private static final long LOOK_NANOS = 20_000_000L;

  private PulsarServerMain() {}

  /** {@code <child|alone> <file of changes> <arguments of the standalone broker ...>} */
  public static void main(String[] args) throws Throwable {
    if (args[0].equals("child")) {
      ParentWatch.start(System.in, OutputStream.nullOutputStream());
    }
    Path changes = Path.of(args[1]);
    Files.deleteIfExists(changes);
    Files.deleteIfExists(done(changes));
    Class<?> starter = Class.forName("org.apache.pulsar.PulsarStandaloneStarter");
    Object standalone =
        starter
            .getConstructor(String[].class)
            .newInstance((Object) Arrays.copyOfRange(args, 2, args.length));
    try {
      var unused = starter.getMethod("start").invoke(standalone);
    } catch (ReflectiveOperationException failed) {
      System.out.println("isostream: Pulsar did not start: " + failed.getCause());
      Runtime.getRuntime().halt(1);
    }
    System.out.println(READY);
    obey(changes, configuration(standalone));
  }

  private static Path done(Path changes) {
    return changes.resolveSibling(changes.getFileName() + DONE);
  }

  private static Object configuration(Object standalone) throws ReflectiveOperationException {
    Field broker = Class.forName("org.apache.pulsar.PulsarStandalone").getDeclaredField("broker");
    broker.setAccessible(true);
    Object service = broker.get(standalone);
    return service.getClass().getMethod("getConfiguration").invoke(service);
  }

  /** Each line is {@code <field>=<number>}. */
  private static void obey(Path changes, Object configuration) throws IOException {
    String done = "";
    while (true) {
      String wanted = read(changes);
      if (!wanted.equals(done) && wanted.endsWith("\n")) {
        for (String line : wanted.strip().split("\n", -1)) {
          change(configuration, line);
        }
        done = wanted;
        Files.writeString(done(changes), done);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException none) {
      return "";
    }
  }

  private static void change(Object configuration, String line) {
    String[] parts = line.split("=", 2);
    try {
      Field field = configuration.getClass().getDeclaredField(parts[0]);
      field.setAccessible(true);
      field.setInt(configuration, Integer.parseInt(parts[1]));
    } catch (ReflectiveOperationException failed) {
      throw new IllegalArgumentException(line, failed);
    }
  }
}
