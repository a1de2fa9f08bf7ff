package dev.isostream.conformance.report;

import dev.isostream.conformance.report.Report.Row;
import dev.isostream.conformance.report.ReportParts.Where;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A report's rows as a table: a line for each rule, a column for each backend and mode. Immutable.
 *
 * @param cells by rule, then by column
 */
record Columns(Set<Where> columns, Map<String, String> titles, Map<String, Map<Where, Row>> cells) {

  static Columns of(List<Row> rows) {
    Set<Where> columns = new LinkedHashSet<>();
    Map<String, String> titles = new LinkedHashMap<>();
    Map<String, Map<Where, Row>> cells = new LinkedHashMap<>();
    for (Row row : rows) {
      Where column = new Where(row.backend(), row.mode());
      columns.add(column);
      titles.put(row.rule(), row.title());
      cells.computeIfAbsent(row.rule(), rule -> new LinkedHashMap<>()).put(column, row);
    }
    return new Columns(columns, titles, cells);
  }

  static String heading(Where column) {
    return column.mode().equals("-")
        ? column.backend()
        : column.backend() + " (" + column.mode() + ")";
  }
}
