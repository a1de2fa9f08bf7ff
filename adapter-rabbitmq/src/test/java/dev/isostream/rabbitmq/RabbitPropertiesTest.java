package dev.isostream.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.PropertyVerdict;
import org.junit.jupiter.api.Test;

class RabbitPropertiesTest {

  private final RabbitDriverProvider provider = new RabbitDriverProvider();

  @Test
  void knowsItsProperties() {
    assertThat(provider.check("password", "x")).isEqualTo(new PropertyVerdict.Accepted(true));
    assertThat(provider.check("failover.time", "4s"))
        .isEqualTo(new PropertyVerdict.Accepted(false));
    assertThat(provider.check("failover.time", "4")).isInstanceOf(PropertyVerdict.Refused.class);
    assertThat(provider.check("connect", "somewhere")).isInstanceOf(PropertyVerdict.Refused.class);
    assertThat(provider.check("topic.config.max-age", "7D"))
        .isEqualTo(new PropertyVerdict.Accepted(false));
    assertThat(provider.check("topic.config.max-ages", "7D"))
        .isInstanceOf(PropertyVerdict.Unknown.class);
    assertThat(provider.check("usernam", "x")).isInstanceOf(PropertyVerdict.Unknown.class);
  }

  @Test
  void anAddressIsNodesAndHoldsNoPassword() {
    assertThat(provider.checkAddress("host:5552,[::1]:5552")).isEmpty();
    assertThat(provider.checkAddress("host")).isPresent();
    assertThat(provider.checkAddress("host:99999")).isPresent();
    assertThat(provider.checkAddress("me:secret@host:5552"))
        .hasValueSatisfying(problem -> assertThat(problem).doesNotContain("secret"));
  }
}
