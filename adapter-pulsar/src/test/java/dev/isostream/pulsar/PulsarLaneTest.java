package dev.isostream.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Position;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import java.util.List;
import org.junit.jupiter.api.Test;

class PulsarLaneTest {

  private static final PulsarTopic TOPIC =
      new PulsarTopic("orders", List.of("persistent://public/default/orders-partition-0"));
  private static final Position REMOVED = TOPIC.position("0", 7, 3, 0);

  private final PulsarLane lane = new PulsarLane(new Lane("0", 0, true), TOPIC.partition(0));

  @Test
  void whereNothingIsLeftThePlaceOfAMessageIsGoneAndThatIsToldOnce() {
    lane.goTo(new Place.At(REMOVED));
    assertThat(lane.hasReached(Place.Origin.INSTANCE)).isFalse();
    assertThat(lane.takeNothingLeft()).isTrue();
    assertThat(lane.takeNothingLeft()).isFalse();
    assertThat(lane.hasReached(Place.Origin.INSTANCE)).as("while it stands still").isFalse();
    lane.goTo(Place.Origin.INSTANCE);
    assertThat(lane.hasReached(Place.Origin.INSTANCE)).as("where it was sent").isTrue();
    assertThat(lane.takeNothingLeft()).isFalse();
  }

  @Test
  void whoIsBehindAMessageHasReachedTheEndOfWhatIsEmptied() {
    lane.goTo(new Place.After(REMOVED));
    assertThat(lane.hasReached(Place.Origin.INSTANCE)).isTrue();
    assertThat(lane.takeNothingLeft()).isFalse();
  }
}
