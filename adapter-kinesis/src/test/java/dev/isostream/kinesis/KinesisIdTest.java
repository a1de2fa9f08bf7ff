package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class KinesisIdTest {

  private static final BigInteger USUAL =
      new BigInteger("49680712486217965688730478163991959992551022214726549506");
  private static final BigInteger LONGEST = BigInteger.TEN.pow(129).subtract(BigInteger.ONE);

  private static Position position(KinesisId id) {
    return Position.of("kinesis", "t", "shardId-000000000000", null, id.words());
  }

  @Test
  void numbersComeBackThroughAPositionsText() {
    for (BigInteger sequence : new BigInteger[] {BigInteger.ZERO, BigInteger.ONE, USUAL, LONGEST}) {
      KinesisId id = new KinesisId(sequence, 17);
      Position read = Position.parse(position(id).toString());
      assertThat(KinesisId.isPossible(read)).isTrue();
      assertThat(KinesisId.of(read)).isEqualTo(id);
    }
    assertThatThrownBy(() -> new KinesisId(BigInteger.TEN.pow(140), 0).words())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void positionsAreOrderedAsNumbersAre() {
    KinesisId[] ordered = {
      new KinesisId(BigInteger.valueOf(Long.MAX_VALUE), 3),
      new KinesisId(BigInteger.valueOf(Long.MAX_VALUE).add(BigInteger.ONE), 0),
      new KinesisId(USUAL, 0),
      new KinesisId(USUAL, 1),
      new KinesisId(USUAL.add(BigInteger.ONE), 0),
      new KinesisId(LONGEST, 0)
    };
    for (int i = 1; i < ordered.length; i++) {
      assertThat(ordered[i - 1]).isLessThan(ordered[i]);
      assertThat(position(ordered[i - 1])).isLessThan(position(ordered[i]));
    }
  }

  @Test
  void aPlaceIsBehindWhatComesBeforeIt() {
    Position at = position(new KinesisId(USUAL, 4));
    assertThat(KinesisId.before(new Place.At(at))).isEqualTo(new KinesisId(USUAL, 3));
    assertThat(KinesisId.before(new Place.After(at))).isEqualTo(new KinesisId(USUAL, 4));
    assertThat(KinesisId.before(Place.Origin.INSTANCE)).isEqualTo(KinesisId.ORIGIN);
  }

  @Test
  void wordsThatAreNoneOfOursAreNotPossible() {
    assertThat(KinesisId.isPossible(Position.of("kinesis", "t", "s", null, 1, 2))).isFalse();
    assertThat(
            KinesisId.isPossible(Position.of("kinesis", "t", "s", null, 0, 0, 0, 0, 0, -1, 0, 0)))
        .isFalse();
  }
}
