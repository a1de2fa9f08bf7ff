package dev.isostream.conformance.report;

import dev.isostream.conformance.Status;
import dev.isostream.conformance.report.Report.Row;
import dev.isostream.conformance.report.ReportParts.Where;
import dev.isostream.conformance.scene.Evidence;
import java.util.Map;

/** A report as Markdown. Stateless. */
final class MarkdownReport {

  private MarkdownReport() {}

  static String of(Report report) {
    Columns table = Columns.of(report.rows());
    StringBuilder text = new StringBuilder("# Conformance\n\n");
    report.totals().forEach((status, count) -> text.append(status + ": " + count + "  \n"));
    text.append("\n| Rule | |");
    table.columns().forEach(column -> text.append(" " + Columns.heading(column) + " |"));
    text.append("\n|---|---|").append("---|".repeat(table.columns().size())).append('\n');
    table
        .cells()
        .forEach(
            (rule, cells) -> {
              text.append("| " + rule + " | " + table.titles().get(rule) + " |");
              table.columns().forEach(column -> text.append(" " + cell(cells, column) + " |"));
              text.append('\n');
            });
    reasons(report, text);
    return text.toString();
  }

  private static String cell(Map<Where, Row> cells, Where column) {
    Row row = cells.get(column);
    if (row == null) {
      return "";
    }
    return row.status() == Status.PASSED
        ? "PASSED<br>" + counts(row.evidence())
        : "**" + row.status() + "**";
  }

  static String counts(Evidence.Summary evidence) {
    return evidence.sends()
        + " sent, "
        + evidence.deliveries()
        + " delivered, "
        + evidence.reads()
        + " read, "
        + evidence.refusals()
        + " refused, "
        + evidence.faults()
        + " faults";
  }

  private static void reasons(Report report, StringBuilder text) {
    text.append("\n## Not passed\n\n");
    report.rows().stream()
        .filter(row -> row.status() != Status.PASSED)
        .forEach(
            row ->
                text.append("- ")
                    .append(row.rule())
                    .append(" on ")
                    .append(row.backend())
                    .append(": ")
                    .append(row.status())
                    .append(": ")
                    .append(row.reason().replace("\n", " / "))
                    .append('\n'));
  }
}
