package dev.isostream.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RedisIdTest {

  @Test
  void readsWhatItWrites() {
    for (String text :
        new String[] {
          "0-0", "1795277594167-3", "100-1000", "18446744073709551615-18446744073709551615"
        }) {
      assertThat(RedisId.parse(text)).hasToString(text);
      assertThat(RedisId.parse(text.getBytes(US_ASCII)))
          .isEqualTo(RedisId.parse(text))
          .hasSameHashCodeAs(RedisId.parse(text));
      assertThat(RedisId.parse(text).bytes()).asString(US_ASCII).isEqualTo(text);
    }
  }

  @Test
  void refusesWhatIsNoId() {
    for (String text : new String[] {"", "-", "1", "1-", "-1", "1-x", "x-1", "1--1", "1-1-1"}) {
      assertThatThrownBy(() -> RedisId.parse(text.getBytes(US_ASCII)))
          .as(text)
          .isInstanceOf(RuntimeException.class);
    }
  }

  @Test
  void ordersAsRedisDoes() {
    assertThat(RedisId.parse("2-0")).isGreaterThan(RedisId.parse("1-18446744073709551615"));
    assertThat(RedisId.parse("10-0")).isGreaterThan(RedisId.parse("9-0"));
    assertThat(RedisId.parse("9223372036854775808-0"))
        .isGreaterThan(RedisId.parse("9223372036854775807-0"));
  }

  @Test
  void thePreviousIsTheGreatestBefore() {
    assertThat(RedisId.parse("5-1").previous()).hasToString("5-0");
    assertThat(RedisId.parse("5-0").previous()).hasToString("4-18446744073709551615");
    assertThat(RedisId.ZERO.previous()).isEqualTo(RedisId.ZERO);
  }
}
