package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Kafka as a child process leaves behind: nothing. */
class KafkaLocalTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Starts a Kafka and stays. */
  static final class Owner {
    private Owner() {}

    public static void main(String[] args) throws InterruptedException {
      try (Brokers brokers = Brokers.of(Map.of("brokers.mode", "local", "brokers.dir", args[0]))) {
        System.out.println("serves " + brokers.own("kafka").address());
        Thread.currentThread().join();
      }
    }
  }

  @Test
  void diesWithItsKilledOwner(@TempDir Path directory) throws Exception {
    try (ChildJvm owner = ChildJvm.of(Owner.class).arguments(directory.toString()).start()) {
      owner.await("serves", PATIENCE);
      List<ProcessHandle> kafkas =
          ProcessHandle.of(owner.pid()).orElseThrow().descendants().toList();
      assertThat(kafkas).hasSize(1);

      owner.kill();

      for (ProcessHandle kafka : kafkas) {
        kafka.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void removesItsDataAndKeepsItsLog(@TempDir Path directory) throws IOException {
    try (Brokers brokers =
        Brokers.of(Map.of("brokers.mode", "local", "brokers.dir", directory.toString()))) {
      brokers.shared("kafka");
    }

    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).singleElement().asString().endsWith(".log");
    }
  }
}
