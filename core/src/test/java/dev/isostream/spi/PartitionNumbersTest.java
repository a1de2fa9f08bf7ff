package dev.isostream.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionNumbersTest {

  @Test
  void aNameIsItsNumber() {
    assertThat(PartitionNumbers.of("orders", "0", 3)).isZero();
    assertThat(PartitionNumbers.of("orders", "2", 3)).isEqualTo(2);
    assertThat(PartitionNumbers.of("orders", "2000", Integer.MAX_VALUE)).isEqualTo(2000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "3", "01", "+1", "1 ", "one", "99999999999"})
  void whatIsNoPartitionIsToldWithWhatIs(String name) {
    assertThatExceptionOfType(DriverException.class)
        .isThrownBy(() -> PartitionNumbers.of("orders", name, 3))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .withMessageContaining("\"" + name + "\"")
        .withMessageContaining("\"orders\"")
        .withMessageContaining("0 to 2");
  }
}
