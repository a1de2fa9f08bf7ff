package dev.isostream.conformance.brokers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.Codecs;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka's own console tools, in processes of their own, and Isostream read each other (contract W1,
 * W2).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaConsoleToolsTest {
  private static final long PATIENCE_SECONDS = 60;
  private static final String CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer";
  private static final String PRODUCER = "org.apache.kafka.tools.ConsoleProducer";

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final Topic<String> topic = Topic.of("t-" + UUID.randomUUID(), Codecs.utf8());
  @TempDir private Path directory;
  private Optional<Messaging> opened = Optional.empty();
  private String address = "";

  @BeforeAll
  void open() {
    assumeTrue(brokers.isSelected("kafka"), "Kafka was not chosen");
    address = brokers.shared("kafka").address();
    Messaging messaging = Messaging.open("kafka://" + address);
    opened = Optional.of(messaging);
    messaging.topics().create(topic.name(), 1);
  }

  @AfterAll
  void close() {
    opened.ifPresent(Messaging::close);
    brokers.close();
  }

  private Messaging messaging() {
    return opened.orElseThrow();
  }

  @Test
  void theConsoleReadsWhatIsostreamWroteAndTheOtherWayRound() throws Exception {
    try (Producer<String> producer = messaging().producer(topic).open()) {
      producer.sendSync(Message.of("paid").key("anna").header("source", "web"));
      producer.sendSync(Message.of("Grüße ✓"));
    }

    List<String> shown =
        run(
            "",
            CONSUMER,
            List.of(
                "--from-beginning",
                "--max-messages",
                "2",
                "--formatter-property",
                "print.key=true",
                "--formatter-property",
                "print.headers=true"));
    assertThat(shown).containsExactly("source:web\tanna\tpaid", "NO_HEADERS\tnull\tGrüße ✓");

    run(
        "bert:due\ncarl:late\n",
        PRODUCER,
        List.of("--reader-property", "parse.key=true", "--reader-property", "key.separator=:"));
    List<String> read = new ArrayList<>();
    try (Reader<String> reader = messaging().reader(topic).untilEnd().open()) {
      for (Received<String> message : reader) {
        read.add(message.key().orElse("-") + " " + message.payload());
      }
    }
    assertThat(read).containsExactly("anna paid", "- Grüße ✓", "bert due", "carl late");
  }

  /** Runs a tool to its end; says what it printed. */
  private List<String> run(String input, String tool, List<String> options)
      throws IOException, InterruptedException {
    Path in = Files.writeString(directory.resolve("in"), input);
    Path out = directory.resolve("out");
    Path errors = directory.resolve("errors");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp"));
    command.add(ServerClassPath.kafka(new BrokerSettings(Map.of())).jars());
    command.addAll(List.of(tool, "--bootstrap-server", address, "--topic", topic.name()));
    command.addAll(options);
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    assertThat(ended).as("%s ended: %s", tool, Files.readString(errors)).isTrue();
    assertThat(process.exitValue()).as("%s: %s", tool, Files.readString(errors)).isZero();
    return Files.readAllLines(out, UTF_8);
  }
}
