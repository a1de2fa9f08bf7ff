package dev.isostream.core.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedFilesTest {

  private static final String GOOD =
      """
      address: "kafka://one:9092"
      client-id: hunter2
      producer:
        delivery-timeout: 10s
      kafka: {client.rack: 'r1', ssl.keystore.password: "hunter2"}
      consumer:
        - hunter2
      """;

  @TempDir private Path directory = Path.of("");
  private TestSources sources = new TestSources(directory);

  @BeforeEach
  void surroundings() {
    sources = new TestSources(directory).address("kafka://a:1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "isostream.yaml | a: 1%nb: [hunter2%nc: 3 | line | YAML",
        "isostream.yaml | client-id: a%n\tkafka: hunter2 | line 2: | spaces, not with tabs",
        "isostream.yaml | client-id: a%nclient-id: b | line 2: | client-id is set already in line 1",
        "isostream.yaml | producer:%n  max-block: 1s%nproducer.max-block: 2s | line 3: | line 2",
        "isostream.yaml | client-id: a%n---%nclient-id: b | line 3: | only one document",
        "isostream.yaml | - hunter2 | line 1: | expected names with values",
        "isostream.yaml | hunter2 | line 1: | expected names with values",
        "isostream.yaml | a: &x hunter2%nb: *x | line 2: | aliases",
        "isostream.yaml | client-id: | line 1: | client-id has no value",
        "isostream.yaml | kafka:%n  client.rack: ~ | line 2: | has no value",
        "isostream.yaml | client-id: [[hunter2]] | line 1: | expected a text",
        "isostream.yaml | hosts: [hunter2, ~] | line 1: | expected a text",
        "isostream.yaml | kafka: {client.rack: [{a: hunter2}]} | line 1: | expected a text",
        "isostream.json | {%n \"a\": hunter2} | line 2: | not well-formed JSON",
        "isostream.json | {\"a\": 1,%n\"b\": | line 2: | not well-formed JSON",
        "isostream.json | [] | line 1: | expected names with values",
        "isostream.json | {} {} | line 1: | only one document",
        "isostream.properties | a=1%nb=\\u12g4hunter2 | line 2: | four hexadecimal digits",
        "isostream.properties | client-id=a%n%nclient-id=b | line 3: | client-id is set already",
      })
  void sayTheLineAndQuoteNothing(String name, String text, String line, String problem) {
    String report = sources.file(name, text.replace("%n", "\n")).problems();
    assertThat(report).contains(name + ", " + line).contains(problem).doesNotContain("hunter2");
  }

  @Test
  void nestingIsBounded() {
    StringBuilder deep = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      deep.append("{\"a\":");
    }
    assertThat(sources.file("isostream.json", deep + "1" + "}".repeat(30)).problems())
        .contains("nested deeper than 20");
    assertThat(
            new TestSources(directory.resolve("2"))
                .file("isostream.yaml", "a: " + "[".repeat(100_000))
                .problems())
        .contains("line 1");
  }

  @Test
  void sizeIsBounded() {
    assertThat(sources.file("isostream.yaml", "#".repeat((1 << 20) + 1)).problems())
        .contains("larger than 1MiB");
    StringBuilder many = new StringBuilder("address=kafka://a:1\n");
    for (int i = 0; i < 2_000; i++) {
      many.append("kafka.x").append(i).append("=1\n");
    }
    String report =
        new TestSources(directory.resolve("2"))
            .file("isostream.properties", many.toString())
            .problems();
    assertThat(report).contains("more than 1000 settings").contains("more\n".strip());
    assertThat(report.lines()).hasSizeLessThan(60);
  }

  @Test
  void otherEncodingsAreNamed() throws IOException {
    Path file = directory.resolve("latin.yaml");
    Files.write(file, new byte[] {'a', ':', ' ', '1', '\n', 'b', ':', ' ', (byte) 0xE4});
    assertThat(sources.given(file).problems()).contains("latin.yaml, line 2: not UTF-8");
    Files.writeString(file, "\uFEFFclient-id: marked");
    assertThat(sources.load().driver().clientId()).isEqualTo("marked");
    Files.write(file, "client-id: x".getBytes(java.nio.charset.StandardCharsets.UTF_16));
    assertThat(sources.problems()).contains("not UTF-8");
  }

  @Test
  void aDirectoryIsNoFile() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder.yaml"));
    assertThat(sources.given(folder).problems()).contains("folder.yaml: can't be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x.yaml", "x.properties", "x.json"})
  void anyBytesLoadOrAreReportedWithoutQuoting(String name) throws IOException {
    byte[] good =
        (name.endsWith("json")
                ? "{\"address\":\"kafka://a:1\",\"kafka\":{\"ssl.keystore.password\":\"hunter2\"}}"
                : GOOD)
            .getBytes(UTF_8);
    byte[] alphabet = ":-[]{}&*!|>'\"%@`#,?\\=\n\t ~<\0\u007f".getBytes(UTF_8);
    Path file = directory.resolve(name);
    Random random = new Random(7);
    for (int i = 0; i < 1_000; i++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(5); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? alphabet[random.nextInt(alphabet.length)]
                : (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      try {
        sources.given(file).load();
      } catch (ConfigurationException e) {
        assertThat(e).hasNoCause();
      }
    }
  }
}
