package dev.isostream.benchmarks.report;

import java.util.List;
import java.util.Map;

/**
 * What was measured of one backend.
 *
 * @param about how, by what it says of
 */
public record Part(String backend, List<Measurement> measured, Map<String, String> about) {

  /** As one line of the page, by which it is known when another part is measured anew. */
  String line() {
    StringBuilder line = new StringBuilder(head(backend));
    about.forEach(
        (what, how) -> line.append(' ').append(what).append(": ").append(how).append('.'));
    return line.toString();
  }

  static String head(String backend) {
    return "- **" + backend + "**:";
  }
}
