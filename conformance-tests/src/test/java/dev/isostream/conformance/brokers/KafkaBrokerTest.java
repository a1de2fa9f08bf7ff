package dev.isostream.conformance.brokers;

import static dev.isostream.conformance.brokers.TcpProxy.Direction.TO_BROKER;
import static dev.isostream.conformance.brokers.TcpProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** One real Kafka, in the mode of the run, under every fault that the harness can make. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaBrokerTest {
  private static final long PATIENCE_SECONDS = 60;

  /** A producer's close waits for its requests, whatever it was told. */
  private static final Map<String, Object> HURRIED =
      Map.of(
          "max.block.ms",
          700,
          "request.timeout.ms",
          700,
          "linger.ms",
          0,
          "delivery.timeout.ms",
          1_400);

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final String topic = "t-" + UUID.randomUUID();
  private Optional<Broker> opened = Optional.empty();

  @BeforeAll
  void open() throws Exception {
    assumeTrue(brokers.isSelected("kafka"), "Kafka was not chosen");
    assumeTrue(brokers.mode("kafka").controllable(), "someone else's Kafka");
    opened = Optional.of(brokers.own("kafka"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker().address()))) {
      admin
          .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
          .all()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @AfterEach
  void heal() {
    broker().resume();
    broker().proxy().heal();
  }

  @AfterAll
  void close() {
    brokers.close();
    opened.ifPresent(broker -> assertThat(broker.isRunning()).isFalse());
  }

  private Broker broker() {
    return opened.orElseThrow();
  }

  private static KafkaProducer<String, String> producer(String address, Map<String, Object> more) {
    Map<String, Object> properties =
        new HashMap<>(Map.of("bootstrap.servers", address, "acks", "all"));
    properties.putAll(more);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  private void store(String address, String value) throws Exception {
    try (KafkaProducer<String, String> producer = producer(address, Map.of())) {
      producer.send(new ProducerRecord<>(topic, value)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Reads from the start until the value comes, by the direct address. */
  private List<String> readUntil(String value) {
    List<String> values = new ArrayList<>();
    Map<String, Object> properties = Map.of("bootstrap.servers", broker().address());
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (!values.contains(value) && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(100)).forEach(message -> values.add(message.value()));
      }
    }
    return values;
  }

  @Test
  void tellsWhatItIs() {
    assertThat(broker().name()).isEqualTo("kafka");
    assertThat(broker().version()).startsWith("4.");
    assertThat(broker().isRunning()).isTrue();
    assertThat(broker().security()).isEmpty();
    assertThat(broker().logTail(10)).hasSize(10);
    assertThat(broker().proxy().address()).isNotEqualTo(broker().address());
  }

  @Test
  void recordSurvivesKillAndStart() throws Exception {
    String address = broker().address();
    store(address, "before the kill");

    broker().kill();
    assertThat(broker().isRunning()).isFalse();
    broker().kill();
    broker().start();

    assertThat(broker().address()).isEqualTo(address);
    assertThat(readUntil("before the kill")).contains("before the kill");
    store(address, "after the kill");
    assertThat(readUntil("after the kill")).contains("before the kill", "after the kill");
  }

  @Test
  void recordSurvivesStopAndStart() throws Exception {
    store(broker().address(), "before the stop");

    broker().stop();
    assertThat(broker().isRunning()).isFalse();
    broker().start();

    assertThat(readUntil("before the stop")).contains("before the stop");
  }

  @Test
  void pausedAnswersNobodyUntilResumed() throws Exception {
    broker().pause();
    assertThat(broker().isRunning()).isTrue();
    try (KafkaProducer<String, String> producer = producer(broker().address(), HURRIED)) {
      Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "too early"));
      assertThatThrownBy(() -> sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .hasCauseInstanceOf(org.apache.kafka.common.errors.TimeoutException.class);
    }

    broker().resume();

    store(broker().address(), "after the pause");
  }

  @Test
  void pausedCanBeKilled() throws Exception {
    broker().pause();

    broker().restart();

    store(broker().address(), "after pause and kill");
  }

  @Test
  void cutConnectionsComeBackThroughTheProxy() throws Exception {
    TcpProxy proxy = broker().proxy();
    try (KafkaProducer<String, String> producer = producer(proxy.address(), Map.of())) {
      producer.send(new ProducerRecord<>(topic, "1")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);

      assertThat(proxy.cut()).isPositive();

      producer.send(new ProducerRecord<>(topic, "2")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(proxy.connections()).isPositive();
    }
  }

  @Test
  void lostReplyMeansStoredAndNotConfirmed() throws Exception {
    TcpProxy proxy = broker().proxy();
    try (KafkaProducer<String, String> producer = producer(proxy.address(), Map.of())) {
      producer.send(new ProducerRecord<>(topic, "warm-up")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);

      proxy.blackHole(TO_CLIENT);
      Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "unconfirmed"));

      assertThat(readUntil("unconfirmed")).contains("unconfirmed");
      assertThatThrownBy(() -> sent.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);

      proxy.cut();
      proxy.heal();
      sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      store(broker().address(), "mark");
      assertThat(readUntil("mark")).containsOnlyOnce("unconfirmed");
    }
  }

  @Test
  void blackHoleToTheBrokerStoresNothingUntilHealed() throws Exception {
    TcpProxy proxy = broker().proxy();
    try (KafkaProducer<String, String> producer = producer(proxy.address(), Map.of())) {
      producer.send(new ProducerRecord<>(topic, "warm-up")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      proxy.blackHole(TO_BROKER, TO_CLIENT);
      Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "held"));
      store(broker().address(), "directly");

      assertThat(readUntil("directly")).doesNotContain("held");
      assertThat(sent).isNotDone();

      proxy.heal();
      sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Test
  void refusedClientFailsInTimeAndOthersAreNotTouched() throws Exception {
    TcpProxy proxy = broker().proxy();
    proxy.refuse();
    try (KafkaProducer<String, String> producer = producer(proxy.address(), HURRIED)) {
      Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, "refused"));
      assertThatThrownBy(() -> sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      store(broker().address(), "not refused");
    }

    proxy.accept();

    store(proxy.address(), "taken");
  }

  @Test
  void atAnAddressItIsUsedAndLeftAlone() {
    try (Brokers others = Brokers.of(Map.of("brokers.kafka.address", broker().address()))) {
      Broker external = others.shared("kafka");

      assertThat(external.mode()).isEqualTo(BrokerMode.EXTERNAL);
      assertThat(external.version()).startsWith("metadata.version ");
      assertThat(external.address()).isEqualTo(broker().address());
      assertThatThrownBy(external::kill)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("can't be killed");
    }
    assertThat(broker().isRunning()).isTrue();
  }
}
