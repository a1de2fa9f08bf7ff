package dev.isostream.rabbitmq;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.spi.DriverException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RabbitReleaseTest {

  private static final RabbitNode NODE = new RabbitNode("rabbit", 5552);

  @ParameterizedTest
  @ValueSource(strings = {"3.9.29", "3.8.0", "2.8.7"})
  void anOldServerIsRefusedWithWhatIsAllowed(String release) {
    assertThatThrownBy(() -> RabbitRelease.of(release).requireSupported(NODE))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("rabbit:5552")
        .hasMessageContaining(release.substring(0, 3))
        .hasMessageContaining("allowed is 3.10 or newer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.10.8", "3.13.7", "4.0.5", "4.10.0-beta.1", "10.0.0", "main"})
  void othersAreNot(String release) {
    RabbitRelease.of(release).requireSupported(NODE);
  }
}
