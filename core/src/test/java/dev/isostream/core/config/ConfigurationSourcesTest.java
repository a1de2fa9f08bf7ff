package dev.isostream.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationSourcesTest {

  private static final String YAML =
      """
      # A comment.
      address: kafka://one:9092
      client-id: from-file
      producer:
        delivery-timeout: 10s
        max-in-flight-bytes: 1MiB
      consumer.concurrency: 3
      consumer:
        retry:
          max-attempts: forever
      kafka:
        client.rack: r1
        ssl:
          keystore.location: /keys
      """;

  @TempDir private Path directory = Path.of("");
  private TestSources sources = new TestSources(directory);

  @BeforeEach
  void surroundings() {
    sources = new TestSources(directory);
  }

  @Test
  void readsYamlFromTheWorkingDirectory() {
    Configuration read = sources.file("isostream.yaml", YAML).load();
    assertThat(read.provider().scheme()).isEqualTo("kafka");
    assertThat(read.driver().address()).isEqualTo("one:9092");
    assertThat(read.driver().clientId()).isEqualTo("from-file");
    assertThat(read.producer().deliveryTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(read.producer().maxInFlightBytes()).isEqualTo(1 << 20);
    assertThat(read.consumer().concurrency()).isEqualTo(3);
    assertThat(read.consumer().retry().maxAttempts()).isEmpty();
    assertThat(read.driver().properties())
        .isEqualTo(Map.of("client.rack", "r1", "ssl.keystore.location", "/keys"));
  }

  @Test
  void readsPropertiesAndJsonAlike() {
    String properties =
        """
        ! A comment that ends in a backslash \\
        address=kafka://one:9092
        client-id : from-file
        producer.delivery-timeout 10s
        producer.max-in-flight-bytes=1MiB
        consumer.concurrency=3
        consumer.retry.max-attempts=for\\
           ever
        kafka.client.rack=r\\u0031
        kafka.ssl.keystore.location=/keys
        """;
    String json =
        """
        {"address": "kafka://one:9092", "client-id": "from-file",
         "producer": {"delivery-timeout": "10s", "max-in-flight-bytes": 1048576},
         "consumer": {"concurrency": 3, "retry.max-attempts": "forever"},
         "kafka": {"client.rack": "r1", "ssl.keystore": {"location": "/keys"}}}
        """;
    Configuration yaml = new TestSources(directory.resolve("y")).file("isostream.yml", YAML).load();
    Configuration first =
        new TestSources(directory.resolve("p")).file("isostream.properties", properties).load();
    Configuration second =
        new TestSources(directory.resolve("j")).file("isostream.json", json).load();
    for (Configuration other : new Configuration[] {first, second}) {
      assertThat(other.driver()).isEqualTo(yaml.driver());
      assertThat(other.producer()).isEqualTo(yaml.producer());
      assertThat(other.consumer().toString()).isEqualTo(yaml.consumer().toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.10", "0x10", "1_000", "1e3", "007", "true", "yes", "2026-01-01"})
  void valuesReachTheAdapterAsTheyAreWritten(String value) {
    sources.file("isostream.yaml", "address: kafka://a:1\nkafka: {client.rack: " + value + "}\n");
    assertThat(sources.load().driver().properties()).isEqualTo(Map.of("client.rack", value));
  }

  @Test
  void theWorkingDirectoryGoesBeforeTheClassPath() {
    sources.resource("isostream.properties", "address=kafka://two:1");
    assertThat(sources.load().driver().address()).isEqualTo("two:1");
    sources.file("isostream.json", "{\"address\": \"kafka://one:1\"}");
    assertThat(sources.load().driver().address()).isEqualTo("one:1");
  }

  @Test
  void twoFilesInOnePlaceAreAProblem() {
    sources.file("isostream.yaml", YAML).file("isostream.json", "{}");
    assertThat(sources.problems())
        .contains("2 configuration files in the working directory")
        .contains("isostream.yaml, isostream.json")
        .doesNotContain("address");
    TestSources other = new TestSources(directory.resolve("other"));
    other.resource("isostream.yaml", YAML).resource("isostream.yml", YAML);
    assertThat(other.problems()).contains("2 configuration files in the class path");
  }

  @Test
  void theFileGivenGoesBeforeAllAndMustBeThere() throws IOException {
    sources.file("isostream.yaml", YAML);
    Path given = Files.writeString(directory.resolve("my.properties"), "address=kafka://mine:1");
    assertThat(sources.given(given).load().driver().address()).isEqualTo("mine:1");
    assertThat(sources.given(directory.resolve("absent.yaml")).problems())
        .contains("absent.yaml")
        .contains("no such file");
    assertThat(sources.given(directory.resolve("my.toml")).problems())
        .contains("my.toml")
        .contains(".yaml, .yml, .properties, .json");
  }

  @Test
  void laterLevelsOverrideEarlierOnesNameByName() {
    sources
        .file("isostream.yaml", YAML)
        .env("ISOSTREAM_CLIENT__ID", "from-env")
        .env("ISOSTREAM_KAFKA_CLIENT_RACK", "r-env")
        .env("ISOSTREAM_PRODUCER_MAX__BLOCK", "11s")
        .env("ISOSTREAM_CONSUMER_CONCURRENCY", "5")
        .system("isostream.client-id", "from-system")
        .system("isostream.producer.max-block", "12s")
        .system("other.client-id", "not ours")
        .code("client-id", "from-code");
    Configuration read = sources.load();
    assertThat(read.driver().clientId()).isEqualTo("from-code");
    assertThat(read.producer().maxBlock()).isEqualTo(Duration.ofSeconds(12));
    assertThat(read.consumer().concurrency()).isEqualTo(5);
    assertThat(read.driver().properties()).containsEntry("client.rack", "r-env");
    assertThat(read.producer().deliveryTimeout()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void anOverriddenValueIsNotJudged() {
    sources.file("isostream.yaml", "address: kafka://a:1\nclient-id: 'not good'\n");
    assertThat(sources.problems()).contains("client-id");
    assertThat(sources.code("client-id", "good").load().driver().clientId()).isEqualTo("good");
  }

  @Test
  void anAddressInCodeOverridesBackendAndHostsInTheFile() {
    sources.file("isostream.yaml", "backend: kafka\nhosts: [one:1, two:2]\n");
    assertThat(sources.load().driver().address()).isEqualTo("one:1,two:2");
    assertThat(sources.env("ISOSTREAM_HOSTS", "three:3").load().driver().address())
        .isEqualTo("three:3");
    Configuration read = sources.address("acme://four:4").load();
    assertThat(read.provider().scheme()).isEqualTo("acme");
    assertThat(read.driver().address()).isEqualTo("four:4");
  }

  @Test
  void addressAndBackendAtOneLevelContradict() {
    sources.file("isostream.yaml", "address: kafka://a:1\nbackend: acme\n");
    assertThat(sources.problems()).contains("address = ").contains("not both").contains("line 2");
    assertThat(new TestSources(directory.resolve("2")).env("ISOSTREAM_HOSTS", "a:1").problems())
        .contains("hosts goes with backend");
  }

  @Test
  void defaultsAreThoseOfTheApisDocumentation() {
    Configuration read = sources.address("kafka://a:1").load();
    assertThat(read.driver().clientId()).isEqualTo("isostream");
    assertThat(read.driver().requestTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(read.producer())
        .isEqualTo(
            new ProducerDefaults(Duration.ofMinutes(2), Duration.ofMinutes(1), 100_000, 32L << 20));
    ConsumerDefaults consumer = read.consumer();
    assertThat(consumer.concurrency()).isEqualTo(16);
    assertThat(consumer.maxInFlightMessages()).isEqualTo(10_000);
    assertThat(consumer.maxInFlightBytes()).isEqualTo(64 << 20);
    assertThat(consumer.drainLimit()).isEqualTo(Duration.ofSeconds(30));
    assertThat(consumer.stuckAfter()).isEqualTo(Duration.ofMinutes(1));
    assertThat(consumer.retry().maxAttempts()).hasValue(5);
    assertThat(consumer.retry().policy().delayAfter(1, 0.0)).isEqualTo(Duration.ofMillis(200));
    assertThat(consumer.retry().policy().delayAfter(50, 0.0)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void otherBackendsSettingsMayStayWhenTheAddressChanges() {
    sources
        .file("isostream.yaml", YAML + "pulsar:\n  anything: 1\nredis.some.thing: 2\n")
        .address("acme://a:1");
    Configuration read = sources.load();
    assertThat(read.provider().scheme()).isEqualTo("acme");
    assertThat(read.driver().properties()).isEmpty();
  }

  @Test
  void sectionsMayBeEmptyAndSoMayTheFile() {
    sources.file("isostream.yaml", "kafka:\nconsumer:\n  retry:\n").address("kafka://a:1");
    assertThat(sources.load().driver().address()).isEqualTo("a:1");
    sources.file("isostream.yaml", "# nothing\n");
    assertThat(sources.load().driver().address()).isEqualTo("a:1");
  }

  @ParameterizedTest
  @CsvSource({
    "ISOSTREAM_ADDRESS, address",
    "ISOSTREAM_KAFKA_CLIENT_RACK, kafka.client.rack",
    "ISOSTREAM_PRODUCER_MAX__IN__FLIGHT__BYTES, producer.max-in-flight-bytes",
    "ISOSTREAM_KAFKA_ODD___NAME, kafka.odd_name",
  })
  void eachVariableMeansOneName(String variable, String name) {
    assertThat(EnvironmentNames.decode(variable)).isEqualTo(name);
    assertThat(EnvironmentNames.encode(name)).isEqualTo(variable);
  }

  @Test
  void everyKnownNameHasAVariableOfItsOwn() {
    for (Property property : Property.ALL) {
      assertThat(EnvironmentNames.decode(EnvironmentNames.encode(property.name())))
          .isEqualTo(property.name());
    }
  }

  @Test
  void thisProcessHasSources() {
    Sources process = Sources.ofProcess();
    assertThat(process.environment()).isEqualTo(System.getenv());
    assertThat(process.systemProperties()).containsKey("java.version");
    assertThat(process.resources().apply("dev/isostream/core/config/Sources.class")).isNotEmpty();
    assertThat(process.toString()).doesNotContain(System.getProperty("java.version"));
  }
}
