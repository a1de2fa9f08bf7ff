package dev.isostream.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes {@code benchmarks.md} for people and {@code benchmarks.json} for machines. */
public final class Reports {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String NOTES = "## What the numbers mean\n";

  private Reports() {}

  /**
   * Replaces both files in this directory, but for the parts that were not measured, and the notes
   * that people wrote at the end.
   */
  public static void write(Path directory, List<Part> parts) throws IOException {
    Files.createDirectories(directory);
    Path markdown = directory.resolve("benchmarks.md");
    Path numbers = directory.resolve("benchmarks.json");
    Set<String> anew = parts.stream().map(Part::backend).collect(Collectors.toSet());
    List<Measurement> measured = new ArrayList<>();
    if (Files.exists(numbers)) {
      for (Measurement one : JSON.readValue(numbers.toFile(), Measurement[].class)) {
        if (!anew.contains(one.backend())) {
          measured.add(one);
        }
      }
    }
    List<String> about = new ArrayList<>();
    String before = Files.exists(markdown) ? Files.readString(markdown) : "";
    before
        .lines()
        .takeWhile(line -> !line.startsWith("|")) // the notes may have lists too
        .filter(line -> line.startsWith("- **"))
        .filter(line -> anew.stream().noneMatch(each -> line.startsWith(Part.head(each))))
        .forEach(about::add);
    for (Part part : parts) {
      measured.addAll(part.measured());
      about.add(part.line());
    }
    Files.writeString(markdown, page(measured, about) + notes(before));
    Files.writeString(numbers, JSON.writeValueAsString(measured) + "\n");
  }

  /** The page of these parts, without notes. */
  public static String page(List<Part> parts) {
    return page(
        parts.stream().flatMap(part -> part.measured().stream()).toList(),
        parts.stream().map(Part::line).toList());
  }

  private static String notes(String page) {
    int at = page.indexOf(NOTES);
    return at >= 0 ? page.substring(at) : NOTES;
  }

  private static String page(List<Measurement> measured, List<String> about) {
    StringBuilder out = new StringBuilder("# Benchmarks\n\n");
    about.forEach(line -> out.append(line).append('\n'));
    out.append('\n');
    table(out, measured);
    others(out, measured);
    return out.append('\n').toString();
  }

  private static void table(StringBuilder out, List<Measurement> measured) {
    out.append("| Backend | Workload | Metric | Raw client | Isostream | Ratio | Aim | |\n");
    out.append("|---|---|---|---:|---:|---:|---|---|\n");
    for (Measurement one : measured) {
      if (one.contestant().equals(Measurement.ISOSTREAM)) {
        row(out, one, rawOf(one, measured));
      }
    }
  }

  /** More ways to do the same, where any were measured. */
  private static void others(StringBuilder out, List<Measurement> measured) {
    List<Measurement> all =
        measured.stream()
            .filter(one -> !one.contestant().equals(Measurement.ISOSTREAM))
            .filter(one -> !one.contestant().equals(Measurement.RAW))
            .toList();
    if (all.isEmpty()) {
      return;
    }
    out.append("\n| Backend | Workload | Metric | Another way | | Isostream to it |\n");
    out.append("|---|---|---|---|---:|---:|\n");
    for (Measurement one : all) {
      out.append("| ")
          .append(
              String.join(
                  " | ",
                  one.backend(),
                  one.workload(),
                  one.metric(),
                  one.contestant(),
                  Numbers.text(one.value()),
                  of(Measurement.ISOSTREAM, one, measured)
                      .map(ours -> Numbers.text(ours.value() / one.value()))
                      .orElse("")))
          .append(" |\n");
    }
  }

  private static String rawOf(Measurement one, List<Measurement> measured) {
    return of(Measurement.RAW, one, measured).map(raw -> Numbers.text(raw.value())).orElse("");
  }

  private static Optional<Measurement> of(
      String contestant, Measurement one, List<Measurement> measured) {
    return measured.stream()
        .filter(other -> other.contestant().equals(contestant))
        .filter(other -> other.backend().equals(one.backend()))
        .filter(other -> other.workload().equals(one.workload()))
        .filter(other -> other.metric().equals(one.metric()))
        .findFirst();
  }

  private static void row(StringBuilder out, Measurement one, String raw) {
    String aim = Aim.of(one).map(Aim::toString).orElse("");
    String verdict = Aim.of(one).map(found -> found.verdict(one)).orElse("");
    out.append("| ")
        .append(
            String.join(
                " | ",
                one.backend(),
                one.workload(),
                one.metric(),
                raw,
                Numbers.text(one.value()),
                raw.isEmpty() ? "" : Numbers.text(one.ratioToRaw()),
                aim,
                verdict))
        .append(" |\n");
  }
}
