package dev.isostream.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportsTest {

  private static final List<Measurement> MEASURED =
      List.of(
          new Measurement("kafka", "consume 100 B", "raw", "messages/s", 1_000_000, 1),
          new Measurement("kafka", "consume 100 B", "isostream", "messages/s", 700_000, 0.7),
          new Measurement("kafka", "slow handler", "raw", "seconds", 20, 1),
          new Measurement("kafka", "slow handler", "isostream", "seconds", 0.4, 0.02));

  @TempDir Path directory;

  @Test
  void aMissedAimIsSaidWithByHowMuch() {
    String page = Reports.page(List.of(part("kafka", MEASURED)));

    assertThat(page)
        .contains(
            "| kafka | consume 100 B | messages/s | 1,000,000 | 700,000 | 0.7 | ≥ 0.8 × raw |"
                + " **missed** by 13 % |")
        .contains("| kafka | slow handler | seconds | 20 | 0.4 | 0.02 | ≤ 0.5 | met |");
  }

  @Test
  void isostreamIsComparedWithOtherWaysToo() {
    List<Measurement> measured = new ArrayList<>(MEASURED);
    measured.add(
        new Measurement("kafka", "consume 100 B", "one at a time", "messages/s", 1_000, 0.001));

    assertThat(Reports.page(List.of(part("kafka", measured))))
        .contains("| kafka | consume 100 B | messages/s | one at a time | 1,000 | 700 |");
    assertThat(Reports.page(List.of(part("kafka", MEASURED)))).doesNotContain("Another way");
  }

  @Test
  void machinesGetAListOfNumbers() throws IOException {
    Reports.write(directory, List.of(part("kafka", MEASURED)));

    JsonNode list = new ObjectMapper().readTree(directory.resolve("benchmarks.json").toFile());
    assertThat(list).hasSize(4);
    assertThat(list.get(1).get("backend").asText()).isEqualTo("kafka");
    assertThat(list.get(1).get("ratioToRaw").asDouble()).isEqualTo(0.7);
  }

  @Test
  void notesThatPeopleWroteStay() throws IOException {
    Reports.write(directory, List.of(part("kafka", MEASURED)));
    Path page = directory.resolve("benchmarks.md");
    Files.writeString(page, Files.readString(page) + "\nThe profile shows hashing.\n");
    Reports.write(directory, List.of(part("kafka", MEASURED.subList(0, 2))));

    assertThat(Files.readString(page))
        .endsWith("The profile shows hashing.\n")
        .doesNotContain("slow handler");
  }

  @Test
  void partsThatAreNotMeasuredStay() throws IOException {
    List<Measurement> other =
        List.of(new Measurement("redis", "consume 100 B", "isostream", "messages/s", 5, 1));
    Reports.write(directory, List.of(part("kafka", MEASURED), part("redis", other)));
    Reports.write(directory, List.of(part("kafka", MEASURED.subList(2, 4))));

    assertThat(Files.readString(directory.resolve("benchmarks.md")))
        .containsOnlyOnce("- **redis**: Run: it.")
        .containsOnlyOnce("- **kafka**: Run: it.")
        .contains("| redis | consume 100 B")
        .contains("| kafka | slow handler")
        .doesNotContain("| kafka | consume");
    assertThat(new ObjectMapper().readTree(directory.resolve("benchmarks.json").toFile()))
        .hasSize(3);
  }

  private static Part part(String backend, List<Measurement> measured) {
    return new Part(backend, measured, Map.of("Run", "it"));
  }
}
