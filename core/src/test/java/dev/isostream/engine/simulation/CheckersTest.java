package dev.isostream.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.engine.cursor.CursorState;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each checker catches a driver or a broker that breaks its rule. */
class CheckersTest {

  private static final int SEEDS_MAX = 300;
  private static final Logger ENGINE = Logger.getLogger("dev.isostream");
  private static @Nullable Level levelBefore;

  @BeforeAll
  static void quiet() {
    levelBefore = ENGINE.getLevel();
    ENGINE.setLevel(Level.OFF);
  }

  @AfterAll
  static void loud() {
    ENGINE.setLevel(levelBefore);
  }

  /** The rules that are found broken, over some seeds, up to the one that is looked for. */
  private static Set<String> broken(Shape.Kind kind, String rule, Breakage breakage) {
    Set<String> rules = new TreeSet<>();
    for (long seed = 1; seed <= SEEDS_MAX && !rules.contains(rule); seed++) {
      Simulation simulation = new Simulation(seed, kind, breakage, false);
      simulation.shortQuiet();
      for (String found : simulation.run()) {
        rules.add(found.substring(0, found.indexOf(':')));
      }
    }
    return rules;
  }

  @Test
  void lossIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D1",
                new Breakage() {
                  @Override
                  boolean skips(SimRecord message) {
                    return message.number % 10 == 7;
                  }
                }))
        .contains("D1");
  }

  @Test
  void swappedMessagesAreFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "O1",
                new Breakage() {
                  @Override
                  boolean swaps(SimRecord message) {
                    return message.number % 3 == 1;
                  }
                }))
        .contains("O1");
  }

  @Test
  void settledBehindTheWatermarkAndForgottenIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D3",
                new Breakage() {
                  @Override
                  StoredCursor handed(StoredCursor cursor) {
                    return new StoredCursor(cursor.place(), CursorState.resetState(cursor.state()));
                  }
                }))
        .contains("D3");
  }

  @Test
  void anAckThatWasNeverStoredIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D3",
                new Breakage() {
                  @Override
                  boolean confirmsLostCommits() {
                    return true;
                  }
                }))
        .contains("D3");
  }

  @Test
  void forgottenFailuresAreFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D5",
                new Breakage() {
                  @Override
                  StoredCursor handed(StoredCursor cursor) {
                    return new StoredCursor(cursor.place(), CursorState.resetState(cursor.state()));
                  }
                }))
        .contains("D5");
  }

  @Test
  void aForgottenWaitIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D4",
                new Breakage() {
                  @Override
                  StoredCursor handed(StoredCursor cursor) {
                    return new StoredCursor(cursor.place(), CursorState.resetState(cursor.state()));
                  }
                }))
        .contains("D4");
  }

  @Test
  void aForgottenDeadLetterIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D6",
                new Breakage() {
                  @Override
                  boolean forgets(String topic) {
                    return topic.equals("dead");
                  }
                }))
        .contains("D6");
  }

  @Test
  void aMemberThoughtDeadThatMovesACursorBackIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "G7",
                new Breakage() {
                  {
                    acceptsStaleCommits = true;
                  }
                }))
        .contains("G7");
  }

  @Test
  void aGroupThatStandsStillIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D1",
                new Breakage() {
                  @Override
                  boolean neverAssignsAgain(long times) {
                    return times > 1;
                  }
                }))
        .contains("D1");
  }

  @Test
  void aSourceThatDoesNotPauseIsFound() {
    assertThat(
            broken(
                Shape.Kind.CREDIT,
                "F1",
                new Breakage() {
                  @Override
                  boolean ignoresPause() {
                    return true;
                  }
                }))
        .contains("F1");
  }

  @Test
  void confirmedAndNotStoredIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "P1",
                new Breakage() {
                  @Override
                  boolean forgets(String topic) {
                    return topic.equals("orders");
                  }
                }))
        .contains("P1");
  }

  @Test
  void anAppendThatOvertakesIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "P2",
                new Breakage() {
                  @Override
                  boolean overtakes() {
                    return true;
                  }
                }))
        .contains("P2");
  }

  @Test
  void aSecondCopyIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "P4",
                new Breakage() {
                  @Override
                  boolean doubles() {
                    return true;
                  }
                }))
        .contains("P4");
  }

  @Test
  void whatIsGivenUpTooEarlyIsFound() {
    assertThat(
            broken(
                Shape.Kind.ASSIGNED,
                "D11",
                new Breakage() {
                  @Override
                  StoredCursor handed(StoredCursor cursor) {
                    return blame(cursor);
                  }
                }))
        .contains("D11");
  }

  /** Blames the next message for everything, as an owner would that died of it. */
  private static StoredCursor blame(StoredCursor cursor) {
    if (!(cursor.place() instanceof Place.At at)) {
      return cursor;
    }
    return new StoredCursor(cursor.place(), Blame.of(cursor.state(), at.position().word(0)));
  }
}
