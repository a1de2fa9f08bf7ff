package dev.isostream.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on configuration says what the code does, no less and no more. */
class ConfigurationPageTest {

  /** Surefire runs with the module as its working directory. */
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");

  @TempDir private Path directory = Path.of("");

  @Test
  void theTableOfPropertiesIsThatOfTheCode() throws IOException {
    List<String> rows = Files.readAllLines(PAGE).stream().filter(l -> l.startsWith("| `")).toList();
    List<String> expected = Property.ALL.stream().map(ConfigurationPageTest::row).toList();
    assertThat(rows).isEqualTo(expected);
  }

  private static String row(Property property) {
    String plain = property.allowed();
    for (String hint : Units.HINTS.values()) {
      plain = plain.replace(hint, "");
    }
    return "| `"
        + property.name()
        + "` | "
        + property.defaultText().map(text -> "`" + text + "`").orElse("none")
        + " | "
        + plain
            .replace("<backend>://<hosts>", "`<backend>://<hosts>`")
            .replace("<backend>:// ", "`<backend>://` ")
        + " | "
        + property.meaning()
        + " |";
  }

  @Test
  void theSampleLoads() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("# isostream.yaml");
    String sample = page.substring(start, page.indexOf("```", start));
    TestSources sources =
        new TestSources(directory)
            .file("isostream.yaml", sample.replaceAll("(?m)^  (security|sasl)\\..*$", ""));
    Configuration read = sources.load();
    assertThat(read.driver().clientId()).isEqualTo("billing");
    assertThat(read.consumer().concurrency()).isEqualTo(16);
  }

  @Test
  void theReportIsTheOneThatIsMade() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("The configuration has 3 problems:");
    List<String> shown = page.substring(start, page.indexOf("```", start)).strip().lines().toList();
    String report =
        new TestSources(directory)
            .file("isostream.yaml", "\n\nproducer:\n  max-block: 0s\n")
            .env("ISOSTREAM_CLIENT_ID", "billing")
            .address("pulsar://localhost:6650")
            .adapters(new FakeAdapter("kafka"), new FakeAdapter("memory"))
            .problems();
    assertThat(report.lines()).containsExactlyInAnyOrderElementsOf(shown);
  }

  @Test
  void theExampleVariablesMeanWhatThePageSays() throws IOException {
    assertThat(Files.readString(PAGE))
        .contains("`ISOSTREAM_KAFKA_CLIENT_RACK` is `kafka.client.rack`")
        .contains("`ISOSTREAM_PRODUCER_MAX__BLOCK` is `producer.max-block`")
        .contains(
            Adapters.KNOWN_SCHEMES.stream().reduce("", (a, b) -> a + ", `" + b + "`").substring(2));
  }
}
