package dev.isostream.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationProblemsTest {

  @TempDir private Path directory = Path.of("");
  private TestSources sources = new TestSources(directory);

  @BeforeEach
  void surroundings() {
    sources = new TestSources(directory);
  }

  @Test
  void allProblemsAreToldAtOnceEachWithNameValueOriginAndWhatIsAllowed() {
    sources
        .file(
            "isostream.yaml",
            """
            address: localhost:9092
            producer:
              max-block: 0s
              max-blok: 1s
            """)
        .env("ISOSTREAM_CLIENT_ID", "x")
        .env("ISOSTREAM_CONSUMER_CONCURRENCY", "many")
        .system("isostream.kafka.client.rak", "r")
        .system("isostream.kafka.acks", "1")
        .code("consumer.drain-limit", "30")
        .code("isostream.client-id", "x");
    assertThat(sources.problems())
        .startsWith("The configuration has 9 problems:")
        .contains(
            "address = \"localhost:9092\" (isostream.yaml, line 1): allowed:"
                + " <backend>://<hosts>, as in kafka://host1:9092,host2:9092.")
        .contains(
            "producer.max-block = \"0s\" (isostream.yaml, line 3): allowed: 1ms to 1d"
                + " (as in 200ms, 30s, 2m, 1h, 7d or PT30S).")
        .contains(
            "producer.max-blok (isostream.yaml, line 4): there is no such property; did you mean"
                + " producer.max-block?")
        .contains(
            "client.id (environment variable ISOSTREAM_CLIENT_ID): there is no such property; did"
                + " you mean client-id, that is ISOSTREAM_CLIENT__ID?")
        .contains(
            "consumer.concurrency = \"many\" (environment variable"
                + " ISOSTREAM_CONSUMER_CONCURRENCY): allowed: 1 to 10000.")
        .contains(
            "kafka.client.rak (system property isostream.kafka.client.rak): there is no such"
                + " property; did you mean kafka.client.rack?")
        .contains(
            "kafka.acks = \"1\" (system property isostream.kafka.acks): acks is always all, not 1"
                + " (contract P1).")
        .contains("consumer.drain-limit = \"30\" (MessagingBuilder.property): allowed: 1ms to 1h")
        .contains(
            "isostream.client-id (MessagingBuilder.property): there is no such property; leave the"
                + " prefix isostream. out here.");
  }

  @Test
  void namesThatGoTooFarOrNotFarEnoughAreToldInFull() {
    sources
        .address("kafka://a:1")
        .file("isostream.yaml", "client-id.x: 1\nconsumer: 5\nproducer: {a: {b: 1}}\n'..': 1\n");
    assertThat(sources.problems())
        .startsWith("The configuration has 4 problems:")
        .contains("client-id.x (isostream.yaml, line 1): there is no such property")
        .contains("consumer (isostream.yaml, line 2): there is no such property")
        .contains("producer.a.b (isostream.yaml, line 3): there is no such property")
        .contains(".. (isostream.yaml, line 4): there is no such property");
  }

  @Test
  void theAddressIsRequiredAndSaysWhereToGiveIt() {
    assertThat(sources.problems())
        .startsWith("The configuration has a problem:")
        .contains("address: missing")
        .contains("isostream.yaml")
        .contains("ISOSTREAM_ADDRESS")
        .contains("-Disostream.address")
        .contains("kafka");
  }

  @Test
  void aBackendWithoutAdapterNamesTheArtifact() {
    assertThat(sources.address("pulsar://a:1").problems())
        .contains("address = \"pulsar://a:1\" (MessagingBuilder.address)")
        .contains("add dev.isostream:isostream-pulsar")
        .contains("Found: acme, kafka.");
    assertThat(sources.address("kafak://a:1").problems())
        .contains("there is no adapter for kafak")
        .contains("did you mean kafka?");
    assertThat(sources.adapters().address("kafka://a:1").problems()).contains("Found: none.");
  }

  @Test
  void theAdapterJudgesTheAddress() {
    assertThat(sources.address("kafka://").problems())
        .contains("address = \"kafka://\" (MessagingBuilder.address): allowed: host:port");
  }

  @Test
  void delaysMustFitEachOther() {
    sources.address("kafka://a:1").code("consumer.retry.first-delay", "1m");
    assertThat(sources.problems())
        .contains("consumer.retry.first-delay = \"1m\"")
        .contains("consumer.retry.max-delay (PT30S) must be at least");
  }

  @ParameterizedTest
  @CsvSource({
    "request-timeout, 99ms",
    "request-timeout, 11m",
    "producer.delivery-timeout, 25h",
    "producer.delivery-timeout, -1s",
    "producer.delivery-timeout, 1",
    "producer.delivery-timeout, 999999999999999999d",
    "producer.delivery-timeout, PT99999999999999999999S",
    "producer.max-in-flight-messages, 0",
    "producer.max-in-flight-messages, 99999999999",
    "producer.max-in-flight-bytes, 1TiB",
    "producer.max-in-flight-bytes, 999999999999999999GiB",
    "producer.max-in-flight-bytes, -1",
    "consumer.retry.jitter, 1.1",
    "consumer.retry.jitter, NaN",
    "consumer.retry.jitter, ''",
    "consumer.retry.jitter, x",
    "consumer.concurrency, ''",
    "consumer.concurrency, 1.5",
    "producer.max-block, ''",
    "producer.max-block, P1Y",
    "producer.max-in-flight-bytes, ''",
    "consumer.retry.max-attempts, 0",
    "consumer.retry.max-attempts, 1000001",
    "consumer.retry.max-attempts, ''",
    "consumer.retry.max-attempts, Forever",
    "client-id, ''",
    "client-id, with space",
  })
  void valuesOutsideAreRefusedWithWhatIsAllowed(String name, String value) {
    sources.address("kafka://a:1").code(name, value);
    assertThat(sources.problems())
        .startsWith("The configuration has a problem:")
        .contains(name + " = \"" + value + "\" (MessagingBuilder.property): allowed: ");
  }

  @ParameterizedTest
  @CsvSource({
    "producer.delivery-timeout, PT1M30S, PT1M30S",
    "producer.delivery-timeout, pt0.5s, PT0.5S",
    "producer.delivery-timeout, 2 m, PT2M",
    "producer.delivery-timeout, 1d, PT24H",
    "producer.delivery-timeout, 20h, PT20H",
    "producer.delivery-timeout, 3s, PT3S",
    "producer.delivery-timeout, 7ms, PT0.007S",
    "producer.max-in-flight-bytes, 1kB, 1000",
    "producer.max-in-flight-bytes, 2 KiB, 2048",
    "producer.max-in-flight-bytes, 1MB, 1000000",
    "producer.max-in-flight-bytes, 1MiB, 1048576",
    "producer.max-in-flight-bytes, 1GB, 1000000000",
    "producer.max-in-flight-bytes, 1GiB, 1073741824",
    "producer.max-in-flight-bytes, 7B, 7",
    "producer.max-in-flight-messages, ' 7 ', 7",
    "consumer.retry.jitter, 1, 1.0",
    "consumer.retry.max-attempts, forever, OptionalInt.empty",
    "consumer.retry.max-attempts, 7, OptionalInt[7]",
  })
  void valuesAreReadInSeveralForms(String name, String value, String shown) {
    CoreSettings bound =
        Binder.bind(Map.of(name, new Setting(name, value, Setting.Level.CODE, "code")));
    Property property =
        Property.ALL.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
    assertThat(property.problem(bound)).isEmpty();
    assertThat(property.value().apply(bound)).hasToString(shown);
  }

  @Test
  void everyDefaultIsAllowed() {
    CoreSettings defaults = Binder.bind(Map.of());
    for (Property property : Property.ALL) {
      assertThat(property.problem(defaults)).as(property.name()).isEmpty();
    }
  }

  @Test
  void adaptersThatMisbehaveAreNamed() {
    assertThat(
            sources
                .adapters(new FakeAdapter("kafka"), new FakeAdapter("kafka"))
                .address("kafka://a:1")
                .problems())
        .contains("Two adapters on the class path are for kafka");
    assertThat(
            new TestSources(directory)
                .address("kafka://a:1")
                .code("kafka.broken", "opensesame")
                .problems())
        .contains("kafka.broken")
        .contains("the adapter can't judge it: IllegalStateException")
        .doesNotContain("quotes");
    Problems problems = new Problems("It");
    Sources broken =
        new Sources(
            directory,
            name -> java.util.List.of(),
            Map.of(),
            Map.of(),
            () -> {
              throw new ServiceConfigurationError("no such class");
            });
    new Adapters(broken, problems);
    assertThat(problems.isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "producer.max-blck", "consumer.conkurrency", "kafka.clinet.rack"})
  void theNearestNameIsWithinReach(String name) {
    Optional<String> nearest =
        NearestName.of(
            name,
            java.util.List.of("producer.max-block", "consumer.concurrency", "kafka.client.rack"));
    assertThat(nearest.isPresent()).isEqualTo(name.length() > 1);
  }

  @Test
  void nearestIsByTypingErrors() {
    assertThat(NearestName.distance("kafka", "kafka")).isZero();
    assertThat(NearestName.distance("kafak", "kafka")).isEqualTo(1);
    assertThat(NearestName.distance("kaka", "kafka")).isEqualTo(1);
    assertThat(NearestName.distance("", "abc")).isEqualTo(3);
    assertThat(NearestName.of("x".repeat(10_000), java.util.List.of("y"))).isEmpty();
  }

  @Test
  void namesFromOutsideCanNotBreakTheReport() {
    sources.address("kafka://a:1").code("bad\nname\u001b[31m" + "x".repeat(500), "v");
    String report = sources.problems();
    assertThat(report.lines()).hasSize(2);
    assertThat(report).doesNotContain("\u001b").hasSizeLessThan(400);
  }
}
