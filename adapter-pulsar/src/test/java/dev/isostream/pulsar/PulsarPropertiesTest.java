package dev.isostream.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.PropertyVerdict;
import dev.isostream.spi.PropertyVerdict.Accepted;
import dev.isostream.spi.PropertyVerdict.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PulsarPropertiesTest {

  private final PulsarDriverProvider provider = new PulsarDriverProvider();

  @ParameterizedTest
  @CsvSource({
    "tenant, acme",
    "namespace, orders",
    "admin.url, https://host:8443",
    "failover.time, 4s",
    "topic.retention.time, 7d",
    "topic.retention.time, forever",
    "topic.retention.bytes, 1000000",
    "deduplication, trust",
    "consumer.receiverQueueSize, 100",
    "tlsTrustCertsFilePath, /etc/ca.pem",
    "numIoThreads, 2",
    "listenerName, proxied",
    "producer.compressionType, ZSTD",
    "producer.batchingMaxMessages, 500",
    "producer.hashingScheme, Murmur3_32Hash"
  })
  void isAccepted(String name, String value) {
    assertThat(provider.check(name, value)).isEqualTo(new Accepted(false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"authParams", "tlsTrustStorePassword", "tlsKeyStorePassword"})
  void isSecret(String name) {
    assertThat(provider.check(name, "x")).isEqualTo(new Accepted(true));
  }

  @ParameterizedTest
  @CsvSource({
    "failover.time, 4",
    "admin.url, host:8080",
    "admin.url, http://me:secret@host:8080",
    "topic.retention.time, soon",
    "deduplication, false",
    "consumer.receiverQueueSize, 0",
    "numIoThreads, many",
    "producer.compressionType, RAR",
    "serviceUrl, pulsar://elsewhere:6650",
    "operationTimeoutMs, 5",
    "enableTransaction, true",
    "producer.chunkingEnabled, true",
    "producer.producerName, mine",
    "producer.messageRoutingMode, SinglePartition",
    "producer.sendTimeoutMs, 0",
    "producer.maxPendingMessages, 5"
  })
  void isRefusedWithAReason(String name, String value) {
    assertThat(provider.check(name, value))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.reason()).hasSizeGreaterThan(8));
  }

  @Test
  void anUnknownNameIsUnknown() {
    assertThat(provider.check("tenannt", "x")).isInstanceOf(PropertyVerdict.Unknown.class);
    assertThat(provider.check("producer.lingerMs", "1"))
        .isInstanceOf(PropertyVerdict.Unknown.class);
    assertThat(provider.propertyNames())
        .contains("tenant", "authParams", "producer.compressionType")
        .doesNotContain("serviceUrl", "producer.producerName");
  }

  @Test
  void anAddressIsBrokersAndHoldsNoPassword() {
    assertThat(provider.checkAddress("host:6650,[::1]:6650")).isEmpty();
    assertThat(provider.checkAddress("host")).isPresent();
    assertThat(provider.checkAddress("host:99999")).isPresent();
    assertThat(provider.checkAddress("host:6650/acme/orders")).isPresent();
    assertThat(provider.checkAddress("me:secret@host:6650"))
        .hasValueSatisfying(problem -> assertThat(problem).doesNotContain("secret"));
  }
}
