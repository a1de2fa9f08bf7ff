package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings, and brokers that can't be had. */
class BrokersTest {

  @Test
  void allAreSelectedByDefault() {
    try (Brokers brokers = Brokers.of(Map.of())) {
      assertThat(brokers.selected())
          .containsExactly("memory", "kafka", "redis", "rabbitmq", "pulsar", "kinesis");
    }
  }

  @Test
  void fewerAreSelectedByName() {
    try (Brokers brokers = Brokers.of(Map.of("brokers", " memory "))) {
      assertThat(brokers.selected()).containsExactly("memory");
      assertThat(brokers.isSelected("kafka")).isFalse();
      assertThat(brokers.mode("memory")).isEqualTo(BrokerMode.EMBEDDED);
    }
  }

  @Test
  void unknownBrokerNamesTheNearest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers", "memory,kafak")))
        .withMessageContaining("'kafak'")
        .withMessageContaining("did you mean 'kafka'")
        .withMessageContaining("[memory, kafka, redis, rabbitmq, pulsar, kinesis]");
  }

  @Test
  void unknownModeNamesTheNearest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers.mode", "container")))
        .withMessageContaining("'container'")
        .withMessageContaining("did you mean 'containers'")
        .withMessageContaining("[auto, containers, local, external]");
  }

  @Test
  void unknownSettingNamesTheNearest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers.kafka.adress", "localhost:9092")))
        .withMessageContaining("did you mean 'brokers.kafka.address'");
  }

  @Test
  void allProblemsAreToldTogether() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers", "kafka,redsi", "brokers.mode", "lokal")))
        .withMessageContaining("'redsi'")
        .withMessageContaining("did you mean 'local'");
  }

  @Test
  void selectingNothingIsAnError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers", " , ")))
        .withMessageContaining("selects nothing");
  }

  @Test
  void externalNeedsAnAddress() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers.mode", "external")))
        .withMessageContaining("-Dbrokers.kafka.address=host:port");
  }

  @Test
  void addressMustBeOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Brokers.of(Map.of("brokers.kafka.address", "localhost")))
        .withMessageContaining("localhost is not an address")
        .withMessageContaining("host:port");
  }

  @Test
  void addressAndAnotherModeContradict() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Brokers.of(
                    Map.of("brokers.kafka.address", "localhost:9092", "brokers.mode", "local")))
        .withMessageContaining("not with local");
  }

  @Test
  void anAddressMeansExternalAndNoFaults() {
    try (Brokers brokers = Brokers.of(Map.of("brokers.kafka.address", "localhost:9092"))) {
      assertThat(brokers.mode("kafka")).isEqualTo(BrokerMode.EXTERNAL);
      assertThat(brokers.mode("kafka").controllable()).isFalse();
      assertThatThrownBy(() -> brokers.own("kafka"))
          .isInstanceOf(BrokerUnavailableException.class)
          .hasMessageContaining("must not be killed")
          .hasMessageContaining("-Dbrokers.mode=local");
      assertThatThrownBy(() -> brokers.secured("kafka"))
          .isInstanceOf(BrokerUnavailableException.class);
    }
  }

  @Test
  void memoryHasNoBrokerToStart() {
    try (Brokers brokers = Brokers.of(Map.of())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> brokers.shared("memory"))
          .withMessageContaining("no broker to start");
    }
  }

  @Test
  void missingClassPathSaysHowToGetIt(@TempDir Path directory) {
    Map<String, String> settings =
        Map.of(
            "brokers.mode", "local",
            "brokers.kafka.classpath", directory.resolve("absent").toString(),
            "brokers.dir", directory.toString());
    try (Brokers brokers = Brokers.of(settings)) {
      assertThatThrownBy(() -> brokers.shared("kafka"))
          .isInstanceOf(BrokerUnavailableException.class)
          .hasMessageContaining("absent")
          .hasMessageContaining("./mvnw process-classes -pl conformance-tests/servers/kafka");
    }
  }

  @Test
  void staleClassPathNamesTheMissingJar(@TempDir Path directory) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("kafka.classpath"), directory.resolve("gone.jar").toString());
    Map<String, String> settings =
        Map.of(
            "brokers.mode",
            "local",
            "brokers.kafka.classpath",
            file.toString(),
            "brokers.dir",
            directory.toString());
    try (Brokers brokers = Brokers.of(settings)) {
      assertThatThrownBy(() -> brokers.shared("kafka"))
          .isInstanceOf(BrokerUnavailableException.class)
          .hasMessageContaining("gone.jar");
    }
  }

  @Test
  void serverThatDoesNotStartShowsItsLog(@TempDir Path directory) throws IOException {
    Path jar = Files.createFile(directory.resolve("kafka_2.13-0.0.0.jar"));
    Path file = Files.writeString(directory.resolve("kafka.classpath"), jar.toString());
    Map<String, String> settings =
        Map.of(
            "brokers.mode",
            "local",
            "brokers.kafka.classpath",
            file.toString(),
            "brokers.dir",
            directory.toString());
    try (Brokers brokers = Brokers.of(settings)) {
      assertThatThrownBy(() -> brokers.shared("kafka"))
          .isInstanceOf(BrokerUnavailableException.class)
          .hasMessageContaining("Kafka 0.0.0, which ended with exit code 1")
          .hasMessageContaining("kafka.tools.StorageTool");
    }
  }

  @Test
  void imageThatCanNotBeHadIsFoundOutSoon() {
    long begin = System.nanoTime();

    assertThat(DockerEngine.obstacle("isostream/no-such-image:0", Duration.ofSeconds(30)))
        .isPresent();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(35));
  }
}
