package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.PropertyVerdict;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KinesisPropertiesTest {

  @ParameterizedTest
  @CsvSource({
    "region, nowhere",
    "endpoint, localhost:4566",
    "endpoint, https://user:secret@host",
    "tls, yes",
    "fan.out, on",
    "role.arn, reader",
    "table, a b",
    "failover.time, 1ms",
    "read.interval, 1ms",
    "topic.retention, 90m",
    "topic.retention, 25h30m"
  })
  void whatCannotBeIsRefusedWithWhatIsAllowed(String name, String value) {
    assertThat(KinesisProperties.check(name, value))
        .isInstanceOfSatisfying(
            PropertyVerdict.Refused.class, r -> assertThat(r.reason()).contains("allowed"));
  }

  @ParameterizedTest
  @CsvSource({
    "region, eu-west-1",
    "region, us-gov-east-1",
    "endpoint, http://localhost:4566",
    "role.arn, arn:aws:iam::123456789012:role/path/reader",
    "topic.retention, 7d",
    "fan.out, true",
    "read.interval, 200ms"
  })
  void whatCanBeIsAccepted(String name, String value) {
    assertThat(KinesisProperties.check(name, value)).isEqualTo(new PropertyVerdict.Accepted(false));
  }

  @Test
  void keysAreSecrets() {
    assertThat(KinesisProperties.check("secret.access.key", "x"))
        .isEqualTo(new PropertyVerdict.Accepted(true));
    assertThat(KinesisProperties.check("session.token", "x"))
        .isEqualTo(new PropertyVerdict.Accepted(true));
    assertThat(KinesisProperties.check("access.key", "x"))
        .isInstanceOf(PropertyVerdict.Unknown.class);
  }

  @Test
  void addressesAreRegionsOrEmulators() {
    KinesisDriverProvider provider = new KinesisDriverProvider();
    assertThat(provider.checkAddress("eu-west-1")).isEmpty();
    assertThat(provider.checkAddress("localhost:4566")).isEmpty();
    assertThat(provider.checkAddress("Europe")).get().asString().contains("Europe");
    assertThat(provider.checkAddress("id:secret@eu-west-1"))
        .get()
        .asString()
        .doesNotContain("secret@");
    assertThat(config("eu-west-1", Map.of()).endpoint()).isEmpty();
    assertThat(config("eu-west-1", Map.of()).region()).isEqualTo("eu-west-1");
    KinesisConfig emulator = config("localhost:4566", Map.of("tls", "true"));
    assertThat(emulator.endpoint()).contains(URI.create("https://localhost:4566"));
    assertThat(emulator.dynamoDbEndpoint()).isEqualTo(emulator.endpoint());
  }

  @Test
  void keysGoTogether() {
    assertThatThrownBy(() -> config("eu-west-1", Map.of("access.key.id", "x")))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("kinesis.secret.access.key");
  }

  private static KinesisConfig config(String address, Map<String, String> properties) {
    return new KinesisConfig(new DriverConfig(address, "test", Duration.ofSeconds(1), properties));
  }
}
