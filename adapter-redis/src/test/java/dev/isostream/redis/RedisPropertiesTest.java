package dev.isostream.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.PropertyVerdict;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisPropertiesTest {

  @ParameterizedTest
  @CsvSource({
    "mode, ring",
    "tls, yes",
    "failover.time, 10",
    "failover.time, 1ms",
    "database, -1",
    "max.message.bytes, 1",
    "key.prefix, a b",
    "topic.retention.age, soon",
    "wait.replicas, many"
  })
  void whatCannotBeIsRefusedWithWhatIsAllowed(String name, String value) {
    assertThat(RedisProperties.check(name, value))
        .isInstanceOfSatisfying(
            PropertyVerdict.Refused.class, r -> assertThat(r.reason()).contains("allowed"));
  }

  @Test
  void passwordsAreSecrets() {
    assertThat(RedisProperties.check("password", "x"))
        .isEqualTo(new PropertyVerdict.Accepted(true));
    assertThat(RedisProperties.check("user", "x")).isEqualTo(new PropertyVerdict.Accepted(false));
    assertThat(RedisProperties.check("pasword", "x")).isInstanceOf(PropertyVerdict.Unknown.class);
  }

  @Test
  void settingsHaveToFitEachOther() {
    assertThatThrownBy(() -> config("a:1", Map.of("mode", "sentinel")))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("redis.sentinel.master");
    assertThatThrownBy(() -> config("a:1", Map.of("mode", "cluster", "database", "2")))
        .hasMessageContaining("redis.database=2");
    assertThatThrownBy(() -> config("a:1,b:2", Map.of())).hasMessageContaining("redis.mode");
  }

  @Test
  void addressesAreTakenApart() {
    assertThat(config("[::1]:6379,b:2", Map.of("mode", "cluster")).servers())
        .extracting(Object::toString)
        .containsExactly("::1:6379", "b:2");
    RedisDriverProvider provider = new RedisDriverProvider();
    assertThat(provider.checkAddress("host:6379")).isEmpty();
    assertThat(provider.checkAddress("host"))
        .hasValueSatisfying(r -> assertThat(r).contains("host:port"));
    assertThat(provider.checkAddress("user:secret@host:1"))
        .hasValueSatisfying(r -> assertThat(r).doesNotContain("secret"));
  }

  @Test
  void timesHaveUnits() {
    assertThat(RedisProperties.parseDuration("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(RedisProperties.parseDuration("7d")).isEqualTo(Duration.ofDays(7));
    assertThat(RedisProperties.parseDuration("7")).isNegative();
  }

  private static RedisConfig config(String address, Map<String, String> properties) {
    return new RedisConfig(new DriverConfig(address, "test", Duration.ofSeconds(1), properties));
  }
}
