package dev.isostream.conformance.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files stay readable in one sitting. */
class SourceSizeTest {

  private static final int MAX_LINES = 500;

  /** Surefire runs with the module as its working directory. */
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @Test
  void noMainSourceFileIsTooLong() throws IOException {
    List<Path> sources = mainSources();

    assertThat(sources).as("main sources below %s", ROOT).hasSizeGreaterThan(50);
    assertThat(sources.stream().filter(file -> lines(file) > MAX_LINES).map(ROOT::relativize))
        .as("main sources of more than %d lines", MAX_LINES)
        .isEmpty();
  }

  private static List<Path> mainSources() throws IOException {
    Path main = Path.of("src", "main", "java");
    List<Path> sources = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = String.valueOf(directory.getFileName());
            boolean ours = !name.equals("target") && !name.startsWith(".");
            return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().contains(main.toString()) && file.toString().endsWith(".java")) {
              sources.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return sources;
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
