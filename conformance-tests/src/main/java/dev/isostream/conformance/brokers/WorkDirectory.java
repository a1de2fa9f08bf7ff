package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Where a broker keeps its data and files while it lives. */
final class WorkDirectory {
  private WorkDirectory() {}

  /** A new empty directory for one broker. */
  static Path create(Path root, String brokerName) {
    try {
      Files.createDirectories(root);
      return Files.createTempDirectory(root, brokerName + "-").toAbsolutePath();
    } catch (IOException failed) {
      throw new UncheckedIOException(
          "can't make a directory for " + brokerName + " in " + root, failed);
    }
  }

  /** Removes it with all that is in it, if it is there. */
  static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failed)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException failed) {
      throw new UncheckedIOException("can't remove " + directory, failed);
    }
  }
}
