package dev.isostream.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pulsar.client.impl.BatchMessageIdImpl;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PulsarTopicTest {

  private final PulsarTopic topic =
      new PulsarTopic("orders", List.of("persistent://a/b/orders-partition-0"));
  private final PulsarTopic.Partition partition = topic.partition(0);

  @Test
  void aPositionIsLedgerEntryAndNumberInTheBatch() {
    Position alone = partition.position(new MessageIdImpl(5, 7, 0));
    Position batched = partition.position(new BatchMessageIdImpl(5, 8, 0, 3));
    assertThat(alone).hasToString("pulsar:orders/0@5.7.0");
    assertThat(batched).hasToString("pulsar:orders/0@5.8.3");
    assertThat(Position.parse(batched.toString())).isEqualTo(batched).isGreaterThan(alone);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pulsar:orders/0@5.7",
        "pulsar:orders/0@5.7.0.1",
        "pulsar:orders/0@-1.7.0",
        "pulsar:orders/0@5.-1.0",
        "pulsar:orders/0@5.7.-1",
        "pulsar:orders/0@5.7.4294967296"
      })
  void aPositionThatPulsarCannotHaveMadeIsNone(String text) {
    Position position = Position.parse(text);
    assertThat(PulsarTopic.isPossible(position)).isFalse();
    long[] words = IntStream.range(0, position.wordCount()).mapToLong(position::word).toArray();
    assertThatThrownBy(() -> topic.position("0", words))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
  }

  @Test
  void aPositionOfItsWordsIsTheSame() {
    assertThat(topic.position("0", 5, 8, 3)).isEqualTo(partition.position(5, 8, 3));
    assertThat(topic.names()).containsExactly("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "-1", "00", "x", ""})
  void anotherPartitionIsRefused(String name) {
    assertThatThrownBy(() -> topic.partition(name))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("from 0 to 0");
  }
}
