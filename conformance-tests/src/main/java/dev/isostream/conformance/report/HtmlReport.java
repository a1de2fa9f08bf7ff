package dev.isostream.conformance.report;

import dev.isostream.conformance.Status;
import dev.isostream.conformance.report.Report.Row;
import dev.isostream.conformance.report.ReportParts.Where;
import java.util.Map;

/** A report as one HTML page that needs nothing else. Stateless. */
final class HtmlReport {

  private static final String STYLE =
      """
      :root { color-scheme: light; }
      body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1c2330; }
      h1 { margin: 0 0 .2rem; font-size: 1.6rem; }
      h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
      .totals { display: flex; gap: .6rem; margin: .8rem 0 1.2rem; }
      .pill { border-radius: 999px; padding: .15rem .7rem; font-weight: 600; font-size: .85rem; white-space: nowrap; }
      .PASSED { background: #d9f2e0; color: #11602c; }
      .FAILED { background: #ffdcd9; color: #9a1408; }
      .NOT_RUN { background: #e8eaef; color: #4c5566; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid #e3e6ec; }
      thead th { position: sticky; top: 0; background: #fff; border-bottom: 2px solid #c9cedb; }
      td.rule { font-weight: 700; width: 3rem; }
      td.title { width: 14rem; }
      details { margin-top: .3rem; font-size: .85rem; color: #4c5566; }
      summary { cursor: pointer; }
      ul { margin: .3rem 0; padding-left: 1.1rem; }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #fff5f4; padding: .5rem; border-radius: .3rem; margin: .4rem 0 0; font-size: .8rem; }
      pre.quiet { background: #f4f5f8; }
      """;

  private HtmlReport() {}

  static String of(Report report) {
    Columns table = Columns.of(report.rows());
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.append("<title>Isostream conformance</title><style>\n").append(STYLE);
    page.append("</style></head><body>\n<h1>Isostream conformance</h1>\n");
    page.append(
        "<p>Each rule of the contract on each backend, with what was done and looked for.</p>");
    page.append("<div class=\"totals\">");
    report
        .totals()
        .forEach((status, count) -> page.append(pill(status, count + " " + shown(status))));
    page.append("</div>\n<table><thead><tr><th>Rule</th><th></th>");
    table
        .columns()
        .forEach(column -> page.append("<th>" + escape(Columns.heading(column)) + "</th>"));
    page.append("</tr></thead><tbody>\n");
    table.cells().forEach((rule, cells) -> line(page, table, rule, cells));
    return page.append("</tbody></table>\n</body></html>\n").toString();
  }

  private static void line(StringBuilder page, Columns table, String rule, Map<Where, Row> cells) {
    String title = table.titles().getOrDefault(rule, "");
    page.append("<tr id=\"" + rule + "\"><td class=\"rule\">" + rule + "</td><td class=\"title\">");
    page.append(escape(title)).append("</td>");
    for (Where column : table.columns()) {
      Row row = cells.get(column);
      page.append("<td>");
      if (row != null) {
        cell(page, row);
      }
      page.append("</td>");
    }
    page.append("</tr>\n");
  }

  private static void cell(StringBuilder page, Row row) {
    page.append(pill(row.status(), shown(row.status())));
    if (!row.reason().isEmpty()) {
      String kind = row.status() == Status.FAILED ? "<pre>" : "<pre class=\"quiet\">";
      page.append(kind).append(escape(row.reason())).append("</pre>");
    }
    if (row.evidence().lookedFor().isEmpty()) {
      return;
    }
    page.append("<details><summary>").append(MarkdownReport.counts(row.evidence()));
    page.append("; ").append(row.millis()).append(" ms</summary><ul>");
    row.evidence().lookedFor().forEach(what -> page.append("<li>" + escape(what) + "</li>"));
    page.append("</ul></details>");
  }

  private static String pill(Status status, String text) {
    return "<span class=\"pill " + status + "\">" + escape(text) + "</span>";
  }

  private static String shown(Status status) {
    return switch (status) {
      case PASSED -> "passed";
      case FAILED -> "FAILED";
      case NOT_RUN -> "not run";
    };
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
