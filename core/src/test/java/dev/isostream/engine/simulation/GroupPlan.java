package dev.isostream.engine.simulation;

import dev.isostream.Exhausted;
import dev.isostream.Ordering;
import dev.isostream.Retry;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** How one group is set up, and what its application does with each message. */
record GroupPlan(
    String name,
    boolean latest,
    Ordering ordering,
    Retry retry,
    int maxAttempts,
    long retryDelayMillis,
    @Nullable String deadLetterTopic,
    @Nullable Exhausted exhausted,
    int concurrency,
    int maxInFlight,
    Duration drainLimit,
    double failing,
    double killing,
    double slow,
    long seed) {

  /** What the application does with one message, always the same. */
  enum Script {
    FINE,
    /** Fails once or a few times, then succeeds. */
    FLAKY,
    /** Fails every time. */
    POISON,
    /** Kills its process every time. */
    KILLER,
    /** Asks for the dead-letter topic. */
    CONDEMNED,
    /** Takes long. */
    SLOW
  }

  static GroupPlan random(SimWorld world, String name) {
    int attempts = world.chance(0.2) ? 0 : (int) world.between(1, 5);
    long delay = world.between(0, 2_000);
    Retry retry = Retry.fixed(Duration.ofMillis(delay));
    boolean deadLetters = attempts > 0 && world.chance(0.8);
    return new GroupPlan(
        name,
        world.chance(0.3),
        world.chance(0.6) ? Ordering.KEY : world.chance(0.5) ? Ordering.PARTITION : Ordering.NONE,
        attempts == 0 ? retry.forever() : retry.maxAttempts(attempts),
        attempts,
        delay,
        deadLetters ? "dead" : null,
        attempts > 0 && !deadLetters ? Exhausted.DISCARD : null,
        (int) world.between(1, 12),
        (int) world.between(10, 200),
        Duration.ofMillis(world.between(2_000, 20_000)),
        world.chance(0.3) ? 0 : 0.2 * world.random().nextDouble(),
        attempts > 0 && world.chance(0.2) ? 0.01 : 0,
        world.chance(0.5) ? 0 : 0.1 * world.random().nextDouble(),
        world.random().nextLong());
  }

  Script scriptOf(String id) {
    Random random = new Random(seed ^ (id.hashCode() * 0x9E3779B97F4A7C15L));
    random.nextLong();
    double dice = random.nextDouble();
    if (dice < killing) {
      return Script.KILLER;
    }
    if (dice < 0.02 && deadLetterTopic != null) {
      return Script.CONDEMNED;
    }
    if (random.nextDouble() < failing) {
      return maxAttempts > 0 && random.nextDouble() < 0.3 ? Script.POISON : Script.FLAKY;
    }
    return random.nextDouble() < slow ? Script.SLOW : Script.FINE;
  }

  /** How often a flaky message fails, by its id. */
  int failures(String id) {
    int most = maxAttempts == 0 ? 3 : maxAttempts - 1;
    return most == 0 ? 0 : 1 + Math.floorMod(id.hashCode(), most);
  }
}
