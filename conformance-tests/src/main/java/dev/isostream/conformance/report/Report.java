package dev.isostream.conformance.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.isostream.conformance.RuleBook;
import dev.isostream.conformance.RuleResult;
import dev.isostream.conformance.Status;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.scene.Evidence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What is known of each rule on each backend. Immutable. */
public final class Report {

  /**
   * One rule on one backend, all its tests together.
   *
   * @param reason why it failed or was not run; empty where it passed
   * @param millis how long its tests took
   */
  public record Row(
      String rule,
      String title,
      String backend,
      String mode,
      Status status,
      String reason,
      Evidence.Summary evidence,
      List<String> tests,
      long millis) {
    public Row {
      tests = List.copyOf(tests);
    }
  }

  private record Document(String about, Map<Status, Long> totals, List<Row> results) {}

  private final List<Row> rows;

  private Report(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  /** One row for each of these rules; one without a result was not run. */
  static List<Row> rows(
      ReportParts.Where where, Predicate<String> rules, List<RuleResult> results) {
    Map<String, List<RuleResult>> byRule =
        results.stream().collect(Collectors.groupingBy(result -> result.test().rule()));
    List<Row> rows = new ArrayList<>();
    RuleBook.titles()
        .forEach(
            (rule, title) -> {
              if (rules.test(rule) || byRule.containsKey(rule)) {
                rows.add(row(rule, title, where, byRule.getOrDefault(rule, List.of())));
              }
            });
    return rows;
  }

  private static Row row(
      String rule, String title, ReportParts.Where where, List<RuleResult> results) {
    Status status = status(results);
    String reason =
        results.isEmpty()
            ? "no test of this rule was chosen"
            : results.stream()
                .filter(result -> result.status() == status && status != Status.PASSED)
                .map(result -> result.test().method().getName() + ": " + result.reason())
                .collect(Collectors.joining("\n"));
    Evidence.Summary evidence =
        results.stream()
            .map(RuleResult::evidence)
            .reduce(Evidence.Summary.none(), Evidence.Summary::plus);
    List<String> tests = results.stream().map(result -> result.test().method().getName()).toList();
    long millis = results.stream().mapToLong(result -> result.took().toMillis()).sum();
    return new Row(
        rule, title, where.backend(), where.mode(), status, reason, evidence, tests, millis);
  }

  private static Status status(List<RuleResult> results) {
    if (results.stream().anyMatch(result -> result.status() == Status.FAILED)) {
      return Status.FAILED;
    }
    return results.isEmpty()
            || results.stream().anyMatch(result -> result.status() == Status.NOT_RUN)
        ? Status.NOT_RUN
        : Status.PASSED;
  }

  /** All parts in a directory; backends that no suite ran against are there as not run. */
  static Optional<Report> merged(Path directory) {
    List<Row> rows = new ArrayList<>(ReportParts.read(directory));
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    for (String backend : Brokers.known()) {
      if (rows.stream().noneMatch(row -> row.backend().equals(backend))) {
        String reason = "no suite ran against " + backend;
        RuleBook.titles()
            .forEach(
                (rule, title) ->
                    rows.add(
                        new Row(
                            rule,
                            title,
                            backend,
                            "-",
                            Status.NOT_RUN,
                            reason,
                            Evidence.Summary.none(),
                            List.of(),
                            0)));
      }
    }
    return Optional.of(new Report(rows));
  }

  /** All rows. */
  public List<Row> rows() {
    return rows;
  }

  /** How many rows there are of each status. */
  Map<Status, Long> totals() {
    Map<Status, Long> totals = new LinkedHashMap<>();
    for (Status status : Status.values()) {
      totals.put(status, rows.stream().filter(row -> row.status() == status).count());
    }
    return totals;
  }

  /** Writes {@code report.json}, {@code .md} and {@code .html}. */
  void write(Path directory) {
    try {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(
              directory.resolve("report.json").toFile(),
              new Document("Isostream conformance", totals(), rows));
      Files.writeString(directory.resolve("report.md"), MarkdownReport.of(this));
      Files.writeString(directory.resolve("report.html"), HtmlReport.of(this));
    } catch (IOException e) {
      throw new UncheckedIOException("can't write the report to " + directory, e);
    }
  }
}
