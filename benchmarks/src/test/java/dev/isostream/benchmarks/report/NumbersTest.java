package dev.isostream.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void medians() {
    assertThat(Numbers.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Numbers.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
  }

  @Test
  void percentiles() {
    long[] values = LongStream.rangeClosed(1, 1000).toArray();

    assertThat(Numbers.percentile(values, 0.99)).isEqualTo(990);
    assertThat(Numbers.percentile(values, 0.5)).isEqualTo(500);
    assertThat(Numbers.percentile(new long[] {7}, 0.99)).isEqualTo(7);
  }

  @Test
  void threeDigitsCount() {
    assertThat(Numbers.text(1_234_567.8)).isEqualTo("1,234,568");
    assertThat(Numbers.text(123.4)).isEqualTo("123");
    assertThat(Numbers.text(0.95)).isEqualTo("0.95");
    assertThat(Numbers.text(0.5)).isEqualTo("0.5");
  }
}
