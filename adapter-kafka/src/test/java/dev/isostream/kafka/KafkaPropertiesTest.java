package dev.isostream.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.PropertyVerdict;
import dev.isostream.spi.PropertyVerdict.Accepted;
import dev.isostream.spi.PropertyVerdict.Refused;
import dev.isostream.spi.PropertyVerdict.Unknown;
import dev.isostream.spi.SinkSpec;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KafkaPropertiesTest {

  private final KafkaDriverProvider provider = new KafkaDriverProvider();

  @ParameterizedTest
  @CsvSource({
    "enable.auto.commit, true",
    "consumer.enable.auto.commit, true",
    "isolation.level, read_uncommitted",
    "acks, 1",
    "acks, 0",
    "producer.acks, 1",
    "enable.idempotence, false",
    "key.serializer, org.apache.kafka.common.serialization.StringSerializer",
    "value.serializer, x",
    "key.deserializer, x",
    "value.deserializer, x",
    "group.id, mine",
    "auto.offset.reset, earliest",
    "max.in.flight.requests.per.connection, 2",
    "transactional.id, t",
    "interceptor.classes, x",
    "retries, 0",
    "delivery.timeout.ms, 1000",
    "max.block.ms, 60000",
    "buffer.memory, 1000",
    "metadata.recovery.strategy, rebootstrap",
    "partitioner.class, org.apache.kafka.clients.producer.RoundRobinPartitioner",
    "partitioner.ignore.keys, true",
    "bootstrap.servers, localhost:9092",
    "client.id, me",
    "request.timeout.ms, 5",
    "allow.auto.create.topics, true",
    "max.poll.records, 7",
  })
  void whatWouldBreakTheContractIsRefusedWithTheReason(String name, String value) {
    assertThat(provider.check(name, value))
        .isInstanceOfSatisfying(Refused.class, r -> assertThat(r.reason()).hasSizeGreaterThan(15));
  }

  @ParameterizedTest
  @CsvSource({
    "enable.auto.commit, false",
    "isolation.level, read_committed",
    "acks, all",
    "acks, -1",
    "enable.idempotence, true",
    "max.in.flight.requests.per.connection, 1",
    "linger.ms, 0",
    "compression.type, lz4",
    "batch.size, 131072",
    "client.rack, a",
    "group.protocol, consumer",
    "group.instance.id, one",
    "session.timeout.ms, 6000",
    "producer.linger.ms, 1",
    "consumer.fetch.min.bytes, 1",
    "consumer.metadata.recovery.strategy, rebootstrap",
    "admin.retries, 3",
    "topic.replication.factor, 3",
    "topic.replication.factor, -1",
    "topic.config.retention.ms, 1000",
    "cursor.metadata.max.bytes, 65536",
  })
  void everythingElseIsPassedOn(String name, String value) {
    assertThat(provider.check(name, value)).isEqualTo(new Accepted(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sasl.jaas.config",
        "ssl.keystore.password",
        "ssl.truststore.password",
        "ssl.key.password",
        "producer.ssl.keystore.key",
        "consumer.sasl.oauthbearer.client.credentials.client.secret"
      })
  void secretsAreMarked(String name) {
    assertThat(provider.check(name, "5ecret")).isEqualTo(new Accepted(true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linger",
        "producer.session.timeout.ms",
        "topic.config.",
        "topic",
        "consumer.acks"
      })
  void othersAreUnknown(String name) {
    assertThat(provider.check(name, "1")).isInstanceOf(Unknown.class);
  }

  @ParameterizedTest
  @CsvSource({
    "linger.ms, soon",
    "linger.ms, -1",
    "group.protocol, new",
    "compression.type, rar",
    "topic.replication.factor, 0",
    "topic.replication.factor, many",
    "cursor.metadata.max.bytes, 10",
  })
  void valuesOfTheWrongKindAreRefused(String name, String value) {
    assertThat(provider.check(name, value)).isInstanceOf(Refused.class);
  }

  @Test
  void aRefusalNamesTheClientsThatMayHaveItSet() {
    assertThat(provider.check("metadata.recovery.strategy", "rebootstrap"))
        .isInstanceOfSatisfying(
            Refused.class,
            r ->
                assertThat(r.reason())
                    .contains("none", "kafka.consumer.metadata.recovery.strategy"));
  }

  @Test
  void namesAreKnownForSuggestions() {
    assertThat(provider.propertyNames())
        .contains(
            "linger.ms", "producer.linger.ms", "session.timeout.ms", "topic.replication.factor");
    for (String name : provider.propertyNames()) {
      PropertyVerdict verdict = provider.check(name, "no-such-value");
      assertThat(verdict).as(name).isNotInstanceOf(Unknown.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:9092", "a:1,b:65535", "[::1]:9092", "10.0.0.1:9092, b:1"})
  void addressesOfBrokers(String address) {
    assertThat(provider.checkAddress(address)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "a:0", "a:65536", "a:1,", "a:1/x", "a:b", "a:1;b:1"})
  void addressesOfNothing(String address) {
    assertThat(provider.checkAddress(address)).isPresent();
  }

  @Test
  void credentialsInTheAddressAreNotRepeated() {
    assertThat(provider.checkAddress("me:5ecret@host:9092").orElseThrow())
        .doesNotContain("5ecret")
        .contains("kafka.sasl.jaas.config");
  }

  @Test
  void sessionSettingsAndTheNewProtocolDontGoTogether() {
    assertThatThrownBy(
            () -> config(Map.of("group.protocol", "consumer", "session.timeout.ms", "6000")))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("kafka.session.timeout.ms")
        .hasMessageContaining("group.consumer.session.timeout.ms");
  }

  @Test
  void theNarrowerPrefixWins() {
    Map<String, Object> producer =
        config(Map.of("linger.ms", "1", "producer.linger.ms", "3"))
            .producer(new SinkSpec("t", "p", Duration.ofSeconds(10), 1000), 0, 1, 1000);
    assertThat(producer).containsEntry("linger.ms", 3).containsEntry("acks", "all");
  }

  @Test
  void aShortDeliveryTimeoutShortensTheRest() {
    Map<String, Object> producer =
        config(Map.of()).producer(new SinkSpec("t", "p", Duration.ofMillis(50), 1000), 0, 1, 1000);
    int both = 0;
    for (String name : new String[] {"linger.ms", "request.timeout.ms"}) {
      both += Integer.parseInt(String.valueOf(producer.get(name)));
    }
    assertThat(both).isLessThanOrEqualTo(50);
  }

  @Test
  void everyClientGetsItsOwnPropertiesOnly() {
    KafkaConfig config = config(Map.of("linger.ms", "1", "fetch.min.bytes", "2", "retries", "3"));
    assertThat(config.admin()).containsKey("retries").doesNotContainKeys("linger.ms");
    Map<String, Object> reader = config.reader("r");
    assertThat(reader)
        .containsEntry("fetch.min.bytes", "2")
        .containsEntry("auto.offset.reset", "none")
        .doesNotContainKeys("linger.ms", "group.id");
    assertThat(reader.keySet()).isSubsetOf(Set.copyOf(KafkaClient.CONSUMER.keys().keySet()));
  }

  private static KafkaConfig config(Map<String, String> properties) {
    return new KafkaConfig(new DriverConfig("h:1", "c", Duration.ofSeconds(30), properties));
  }
}
