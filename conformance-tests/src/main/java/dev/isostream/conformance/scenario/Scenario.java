package dev.isostream.conformance.scenario;

import dev.isostream.Ordering;
import dev.isostream.conformance.scenario.Verdict.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * What is to happen, made from a seed: the same seed gives the same, on every backend. Immutable.
 *
 * <p>Two topics, of one to three partitions, to which messages are sent in three phases; three
 * groups, whose applications decide by a message and its attempt alone.
 */
public final class Scenario {

  /** How often messages are sent. */
  static final int PHASES = 3;

  /** Of each topic; a key belongs to one of them, so that its order is one thing only. */
  static final int PRODUCERS = 2;

  /** A topic, by a name that is not yet the one it has on a backend. */
  record PlannedTopic(String name, int partitions, List<Planned> messages) {}

  /**
   * A group; its name occurs once.
   *
   * @param pulls whether members that have no handler belong to it
   */
  record PlannedGroup(
      String name, PlannedTopic topic, Ordering ordering, int maxAttempts, boolean pulls) {}

  private final long seed;
  private final PlannedTopic orders;
  private final PlannedTopic clicks;

  private Scenario(long seed, PlannedTopic orders, PlannedTopic clicks) {
    this.seed = seed;
    this.orders = orders;
    this.clicks = clicks;
  }

  /** What this seed gives. */
  public static Scenario of(long seed) {
    Random random = new Random(seed);
    Messages messages = new Messages(random);
    return new Scenario(
        seed,
        new PlannedTopic("orders", 2 + random.nextInt(2), messages.of("orders", 60, 24)),
        new PlannedTopic("clicks", 1 + random.nextInt(3), messages.of("clicks", 30, 10)));
  }

  /** What it was made from. */
  public long seed() {
    return seed;
  }

  List<PlannedTopic> topics() {
    return List.of(orders, clicks);
  }

  /** Members with a handler, without one, and in a process of their own; one of each dies. */
  PlannedGroup billing() {
    return new PlannedGroup("billing", orders, Ordering.KEY, 3, true);
  }

  /** Members with a handler, by partition. */
  PlannedGroup audit() {
    return new PlannedGroup("audit", orders, Ordering.PARTITION, 2, false);
  }

  /** Members without a handler. */
  PlannedGroup stats() {
    return new PlannedGroup("stats", clicks, Ordering.KEY, 4, true);
  }

  List<PlannedGroup> groups() {
    return List.of(billing(), audit(), stats());
  }

  /** What an application of the group makes of this attempt; of what has failed for good, again. */
  Verdict verdict(PlannedGroup group, String message, int attempt) {
    Random fate = new Random(mixed(group.name() + '/' + message));
    int failures = failures(fate.nextInt(100), group);
    boolean given = failures < group.maxAttempts() && fate.nextInt(100) < 8;
    if (attempt > failures) {
      Kind end = given ? Kind.DEAD_LETTER : Kind.ACK;
      return new Verdict(end, Duration.ZERO, "given up by " + group.name());
    }
    Random how = new Random(mixed(group.name() + '/' + message + '#' + attempt));
    boolean last = attempt >= group.maxAttempts();
    // The reason of a dead letter tells how the last attempt failed, so that must not depend on who
    // had it.
    boolean throwing = last ? !group.pulls() : how.nextBoolean();
    Duration delay = last || how.nextBoolean() ? Duration.ZERO : Duration.ofMillis(how.nextInt(30));
    return new Verdict(
        throwing ? Kind.THROW : Kind.NACK, throwing ? Duration.ZERO : delay, message + " fails");
  }

  private static int failures(int hundredth, PlannedGroup group) {
    if (hundredth < 70) {
      return 0;
    }
    if (hundredth < 85) {
      return 1;
    }
    return hundredth < 93 ? 2 : group.maxAttempts();
  }

  /** The attempt on which the message is done with or given up. */
  int lastAttempt(PlannedGroup group, String message) {
    return IntStream.rangeClosed(1, group.maxAttempts())
        .filter(attempt -> settles(verdict(group, message, attempt)))
        .findFirst()
        .orElse(group.maxAttempts());
  }

  private static boolean settles(Verdict verdict) {
    return verdict.kind() == Kind.ACK || verdict.kind() == Kind.DEAD_LETTER;
  }

  /** Whether the message ends in the dead-letter topic. */
  boolean dies(PlannedGroup group, String message) {
    return verdict(group, message, lastAttempt(group, message)).kind() != Kind.ACK;
  }

  private long mixed(String name) {
    long mixed = seed * 0x9E3779B97F4A7C15L + name.hashCode();
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    return mixed ^ (mixed >>> 27);
  }

  @Override
  public String toString() {
    return "scenario " + seed;
  }
}
