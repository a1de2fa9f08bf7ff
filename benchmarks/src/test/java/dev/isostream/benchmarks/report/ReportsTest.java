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
    String page = Reports.page(MEASURED, Map.of("Command", "run"));

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

    assertThat(Reports.page(measured, Map.of()))
        .contains("| kafka | consume 100 B | messages/s | one at a time | 1,000 | 700 |");
    assertThat(Reports.page(MEASURED, Map.of())).doesNotContain("Another way");
  }

  @Test
  void machinesGetAListOfNumbers() throws IOException {
    Reports.write(directory, MEASURED, Map.of());

    JsonNode list = new ObjectMapper().readTree(directory.resolve("benchmarks.json").toFile());
    assertThat(list).hasSize(4);
    assertThat(list.get(1).get("backend").asText()).isEqualTo("kafka");
    assertThat(list.get(1).get("ratioToRaw").asDouble()).isEqualTo(0.7);
  }

  @Test
  void notesThatPeopleWroteStay() throws IOException {
    Reports.write(directory, MEASURED, Map.of());
    Path page = directory.resolve("benchmarks.md");
    Files.writeString(page, Files.readString(page) + "\nThe profile shows hashing.\n");
    Reports.write(directory, MEASURED.subList(0, 2), Map.of());

    assertThat(Files.readString(page))
        .endsWith("The profile shows hashing.\n")
        .doesNotContain("slow handler");
  }
}
