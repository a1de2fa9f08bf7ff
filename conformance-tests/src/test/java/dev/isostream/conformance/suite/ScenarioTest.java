package dev.isostream.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.Transcript;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.scenario.Normalised;
import dev.isostream.conformance.scenario.Play;
import dev.isostream.conformance.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Every backend plays scenarios as memory does, which plays them in the same JVM: one, or with
 * {@code -Dscenario.seeds=N} N of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenarioTest {

  private static final long SEEDS = Long.getLong("scenario.seeds", 1);

  /** A backend by its name in {@code -Dbrokers=}. */
  private record Stage(String backend, String variant, Function<Brokers, BrokerHarness> open) {}

  /** A backend that is added is one more line here. */
  private static final List<Stage> STAGES =
      List.of(
          new Stage("memory", "again", brokers -> memory()),
          new Stage("kafka", "classic", brokers -> new KafkaHarness(brokers, KafkaHarness.CLASSIC)),
          new Stage(
              "kafka", "consumer", brokers -> new KafkaHarness(brokers, KafkaHarness.CONSUMER)),
          new Stage("redis", "streams", RedisHarness::new),
          new Stage("rabbitmq", "streams", RabbitHarness::new),
          new Stage("pulsar", "topics", PulsarHarness::new),
          new Stage("kinesis", "streams", KinesisHarness::new));

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final Map<Long, Normalised> golden = new ConcurrentHashMap<>();

  /**
   * On a busy machine a member may be silent for a second, and who is thought dead may be convicted
   * (contract D5): that is no part of the scenario.
   */
  private static MemoryHarness memory() {
    return new MemoryHarness(Duration.ofSeconds(3));
  }

  @TestFactory
  Stream<DynamicContainer> everyBackendPlaysAScenarioAlike() {
    return STAGES.stream()
        .filter(stage -> brokers.isSelected(stage.backend()))
        .map(stage -> dynamicContainer(stage.backend() + ' ' + stage.variant(), tests(stage)));
  }

  private Stream<DynamicTest> tests(Stage stage) {
    return LongStream.rangeClosed(1, SEEDS)
        .mapToObj(seed -> dynamicTest("seed " + seed, () -> playsAlike(stage, seed)));
  }

  private void playsAlike(Stage stage, long seed) throws Exception {
    Normalised wanted = golden(seed);
    Normalised played;
    try (BrokerHarness harness = stage.open().apply(brokers)) {
      played = play(harness, seed);
    }
    assertThat(wanted.differences(played)).as("- memory, + %s", stage).isEmpty();
    assertThat(played).isEqualTo(wanted);
  }

  private Normalised golden(long seed) throws Exception {
    Normalised known = golden.get(seed);
    if (known == null) {
      try (MemoryHarness memory = memory()) {
        known = play(memory, seed);
      }
      golden.put(seed, known);
    }
    return known;
  }

  private static Normalised play(BrokerHarness harness, long seed) throws Exception {
    try (Transcript transcript = Transcript.listen(harness.secrets())) {
      return Normalised.of(Play.play(harness, transcript, Scenario.of(seed)));
    }
  }

  @TestFactory
  Stream<DynamicTest> anotherSeedGivesAnotherHistory() {
    return LongStream.of(1, 2)
        .mapToObj(
            seed ->
                dynamicTest(
                    "seeds " + seed + " and " + (seed + 1),
                    () -> assertThat(golden(seed)).isNotEqualTo(golden(seed + 1))));
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
