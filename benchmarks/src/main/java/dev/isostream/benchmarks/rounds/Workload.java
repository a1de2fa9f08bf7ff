package dev.isostream.benchmarks.rounds;

import java.util.Map;

/** Something that all contestants do, several times. */
interface Workload {

  String name();

  /** How often each is measured. */
  default int rounds(int usual) {
    return usual;
  }

  /** How often each does it before. */
  default int warmUps(int usual) {
    return usual;
  }

  /** Whether the plain client does it only once, because it takes so long. */
  default boolean rawOnce() {
    return false;
  }

  /** Makes what all rounds need. */
  default void prepare() {}

  /**
   * One round of one contestant.
   *
   * @param round different each time
   * @return values by metric
   */
  Map<String, Double> run(Contestant contestant, String round);

  /** Removes what {@link #prepare} made. */
  default void cleanUp() {}
}
