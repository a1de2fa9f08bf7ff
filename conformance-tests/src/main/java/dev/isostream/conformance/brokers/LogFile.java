package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file to which a broker's output is added, for a human to read after a failure.
 *
 * @param kept whether it outlives the broker
 */
record LogFile(Path path, boolean kept) implements AutoCloseable {

  void append(String line) {
    try {
      Files.writeString(path, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException full) {
      // The output is kept in memory too; a full disk shows elsewhere.
    }
  }

  @Override
  public void close() {
    if (!kept) {
      WorkDirectory.delete(path);
    }
  }
}
