package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The classes of this kit that run inside a server's JVM. */
final class LauncherFiles {
  private LauncherFiles() {}

  /**
   * Copies classes to a place of their own, so that nothing else of this class path gets onto the
   * server's.
   */
  static void copy(Path launcher, Class<?>... types) throws IOException {
    for (Class<?> type : types) {
      String file = type.getName().replace('.', '/') + ".class";
      Path target = launcher.resolve(file);
      Files.createDirectories(target.resolveSibling(""));
      try (InputStream bytes = type.getResourceAsStream("/" + file)) {
        if (bytes == null) {
          throw new IOException(file + " is not on the class path");
        }
        Files.write(target, bytes.readAllBytes());
      }
    }
  }
}
