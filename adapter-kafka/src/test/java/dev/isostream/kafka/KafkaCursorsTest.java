package dev.isostream.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Position;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.Random;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KafkaCursorsTest {

  private static final KafkaTopic TOPIC = new KafkaTopic("t", "abc", 3);
  private static final KafkaTopic.Partition PARTITION = TOPIC.partition(2);

  private static StoredCursor there(Place place, byte[] state) {
    return KafkaCursors.decode(PARTITION, KafkaCursors.encode(new StoredCursor(place, state)));
  }

  @Test
  void anyStateComesBackAndTheLongestFits() {
    Random random = new Random(7);
    for (int metadata : new int[] {1024, 4095, 4096, 4097, 65536}) {
      int most = KafkaCursors.stateBytes(metadata);
      for (int size : new int[] {0, 1, 2, 3, 100, most - 1, most}) {
        byte[] state = new byte[size];
        random.nextBytes(state);
        Place place = new Place.At(PARTITION.position(5));
        String text = KafkaCursors.encode(new StoredCursor(place, state)).metadata();
        assertThat(text.length()).isLessThanOrEqualTo(metadata);
        assertThat(text).matches("\\p{ASCII}*");
        assertThat(there(place, state).state()).isEqualTo(state);
      }
    }
    assertThat(KafkaCursors.stateBytes(4096)).isEqualTo(3069);
  }

  @Test
  void placesBecomeOffsets() {
    Position five = PARTITION.position(5);
    assertThat(there(new Place.At(five), new byte[0]).place()).isEqualTo(new Place.At(five));
    assertThat(there(new Place.After(five), new byte[0]).place())
        .isEqualTo(new Place.At(PARTITION.position(6)));
    assertThat(there(Place.Origin.INSTANCE, new byte[0]).place())
        .isEqualTo(new Place.At(PARTITION.position(0)));
    assertThat(five).hasToString("kafka:t/2@5~abc");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "{\"a\":1}", "is", "is1", "is:abc", "isostream", "IS1:AAAA"})
  void whatOthersWroteIsNoState(String metadata) {
    assertThat(KafkaCursors.decode(PARTITION, new OffsetAndMetadata(3, metadata)).state())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"is2:AAAA", "is99:whatever", "is1:!!", "is1:A", "is1:AA=\n"})
  void whatIsOursAndUnreadableIsHandedOn(String metadata) {
    assertThat(KafkaCursors.decode(PARTITION, new OffsetAndMetadata(3, metadata)).state())
        .isEqualTo(metadata.getBytes(UTF_8));
  }

  @Test
  void aFormerTopicIsAnother() {
    Position former = Position.of("kafka", "t", "2", "xyz", 5);
    Position unknown = Position.of("kafka", "t", "2", null, 5);
    assertThat(TOPIC.holds(new Place.At(former))).isFalse();
    assertThat(TOPIC.holds(new Place.After(former))).isFalse();
    assertThat(TOPIC.holds(new Place.At(unknown))).isTrue();
    assertThat(TOPIC.holds(Place.Origin.INSTANCE)).isTrue();
  }

  @Test
  void groupIdsAreReadBack() {
    assertThat(KafkaGroups.id("orders", "billing")).isEqualTo("billing@orders");
    assertThat(KafkaGroups.group("orders", "billing@orders")).contains("billing");
    for (String foreign :
        new String[] {"orders", "@orders", "billing@other", "billing", "a@b@orders", "borders"}) {
      assertThat(KafkaGroups.group("orders", foreign)).as(foreign).isEmpty();
    }
  }
}
