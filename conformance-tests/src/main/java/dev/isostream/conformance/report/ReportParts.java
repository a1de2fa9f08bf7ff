package dev.isostream.conformance.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.isostream.conformance.RuleResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The results of single suites as files, so that several JVMs can add to one report. Stateless; the
 * later result for a backend and mode replaces the earlier one.
 */
public final class ReportParts {

  /**
   * What a suite ran against.
   *
   * @param backend its name
   * @param mode how it was had
   */
  public record Where(String backend, String mode) {}

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportParts() {}

  /** Where the report goes: {@code -Dconformance.report}, by default below the build's target. */
  public static Path directory() {
    return Path.of(System.getProperty("conformance.report", "target/conformance"));
  }

  /**
   * Writes one suite's results.
   *
   * @param rules those that belong to the suite
   */
  public static void write(Where where, Predicate<String> rules, List<RuleResult> results) {
    Path parts = directory().resolve("parts");
    Path file = parts.resolve(where.backend() + "-" + where.mode() + ".json");
    try {
      Files.createDirectories(parts);
      Path draft = Files.createTempFile(parts, "draft", ".tmp");
      JSON.writeValue(draft.toFile(), Report.rows(where, rules, results));
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("can't write " + file, e);
    }
  }

  /** All parts there are. */
  static List<Report.Row> read(Path directory) {
    List<Report.Row> rows = new ArrayList<>();
    Path parts = directory.resolve("parts");
    if (!Files.isDirectory(parts)) {
      return rows;
    }
    try (Stream<Path> files = Files.list(parts)) {
      for (Path file :
          files
              .filter(f -> f.toString().endsWith(".json"))
              .sorted(Comparator.naturalOrder())
              .toList()) {
        rows.addAll(List.of(JSON.readValue(file.toFile(), Report.Row[].class)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the parts in " + parts, e);
    }
    return rows;
  }
}
