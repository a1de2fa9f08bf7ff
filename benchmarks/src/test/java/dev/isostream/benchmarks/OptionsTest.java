package dev.isostream.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

  @Test
  void allIsRunWhereNothingIsSaid() {
    Options options = Options.parse(List.of());

    assertThat(options.parts())
        .containsExactly("engine", "kafka", "redis", "rabbitmq", "pulsar", "kinesis");
    assertThat(options.quick()).isFalse();
    assertThat(options.out()).isEmpty();
  }

  @Test
  void optionsAreTaken() {
    Options options =
        Options.parse(
            List.of("--quick", "--part", "kafka", "--workload", "consume", "--profile", "p"));

    assertThat(options.quick()).isTrue();
    assertThat(options.parts()).containsExactly("kafka");
    assertThat(options.workload()).isEqualTo("consume");
    assertThat(options.profiles()).contains(Path.of("p"));
  }

  @Test
  void filesAreWrittenOfWholePartsOnly() {
    assertThat(Options.parse(List.of("--part", "kafka", "--out", "docs")).out())
        .contains(Path.of("docs"));
    assertThatThrownBy(() -> Options.parse(List.of("--workload", "consume", "--out", "docs")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--out");
  }

  @Test
  void anythingElseIsRefused() {
    assertThatThrownBy(() -> Options.parse(List.of("--fast")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Options.parse(List.of("--part", "rabbit")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("engine");
  }
}
