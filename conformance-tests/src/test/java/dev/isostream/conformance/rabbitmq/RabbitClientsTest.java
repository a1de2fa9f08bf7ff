package dev.isostream.conformance.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.LongString;
import com.rabbitmq.stream.Address;
import com.rabbitmq.stream.Environment;
import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.Codecs;
import dev.isostream.Headers;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** RabbitMQ's two clients, each alone, and Isostream read each other (contract W1, W2). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RabbitClientsTest {
  private static final int PARTITIONS = 3;
  private static final int MESSAGES = 30;
  private static final long PATIENCE_SECONDS = 60;
  private static final byte[] NO_TEXT = {(byte) 0xff, 0, 1};

  private final Brokers brokers = Brokers.fromSystemProperties();
  private Optional<Broker> broker = Optional.empty();
  private Optional<Messaging> opened = Optional.empty();
  private Topic<String> topic = Topic.of("none", Codecs.utf8());

  @BeforeAll
  void open() {
    assumeTrue(brokers.isSelected("rabbitmq"), "RabbitMQ was not chosen");
    Broker shared = brokers.shared("rabbitmq");
    broker = Optional.of(shared);
    var builder = Messaging.builder().address("rabbitmq://" + shared.address());
    shared.properties().forEach(builder::property);
    opened = Optional.of(builder.open());
  }

  @AfterAll
  void close() {
    opened.ifPresent(Messaging::close);
    brokers.close();
  }

  @BeforeEach
  void createTopic() {
    topic = Topic.of("t-" + UUID.randomUUID(), Codecs.utf8());
    messaging().topics().create(topic.name(), PARTITIONS);
  }

  private Messaging messaging() {
    return opened.orElseThrow();
  }

  private Connection amqp() throws Exception {
    String[] node =
        requireNonNull(broker.orElseThrow().properties().get("rabbitmq.amqp.address"))
            .split(":", -1);
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(node[0]);
    factory.setPort(Integer.parseInt(node[1]));
    return factory.newConnection();
  }

  private Environment environment() {
    String[] node = broker.orElseThrow().address().split(":", -1);
    Address address = new Address(node[0], Integer.parseInt(node[1]));
    return Environment.builder()
        .host(address.host())
        .port(address.port())
        .addressResolver(any -> address)
        .build();
  }

  private void sendThirtyOfTenKeys() {
    try (Producer<String> producer = messaging().producer(topic).open()) {
      for (int i = 0; i < MESSAGES; i++) {
        producer.sendSync(
            Message.of("Grüße ✓ " + i)
                .key("k" + i % 10)
                .header("source", "web")
                .header("bytes", NO_TEXT));
      }
    }
  }

  /** Payloads by partition and key, in stored order. */
  private Map<String, List<String>> read() {
    Map<String, List<String>> read = new TreeMap<>();
    try (Reader<String> reader = messaging().reader(topic).untilEnd().open()) {
      for (Received<String> message : reader) {
        read.computeIfAbsent(
                message.partition() + "/" + message.key().orElse("-"), at -> new ArrayList<>())
            .add(message.payload());
      }
    }
    return read;
  }

  /** AMQP 0-9-1 knows one kind of long string, for text and for bytes. */
  private static byte[] bytes(@Nullable Object value) {
    return value instanceof LongString string
        ? string.getBytes()
        : value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(UTF_8);
  }

  private static String text(@Nullable Object value) {
    return new String(bytes(value), UTF_8);
  }

  @Test
  void anAmqpConsumerReadsTheStreamsOfATopic() throws Exception {
    sendThirtyOfTenKeys();
    Map<String, List<String>> seen = new TreeMap<>();
    try (Connection connection = amqp();
        Channel channel = connection.createChannel()) {
      channel.basicQos(100);
      BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
      List<String> wrong = new ArrayList<>();
      for (int number = 0; number < PARTITIONS; number++) {
        String partition = Integer.toString(number);
        channel.basicConsume(
            topic.name() + "-" + number,
            false,
            Map.of("x-stream-offset", "first"),
            (tag, delivery) -> {
              Map<String, Object> headers = delivery.getProperties().getHeaders();
              if (!text(headers.get("source")).equals("web")
                  || !Arrays.equals(bytes(headers.get("bytes")), NO_TEXT)) {
                wrong.add(String.valueOf(headers));
              }
              // before the last one is seen, upon which the channel is closed
              channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
              arrived.add(
                  partition
                      + "/"
                      + text(headers.get("isostream-key"))
                      + "="
                      + new String(delivery.getBody(), UTF_8));
            },
            tag -> {});
      }
      for (int i = 0; i < MESSAGES; i++) {
        String next = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("message %d", i).isNotNull();
        String[] parts = next.split("=", 2);
        seen.computeIfAbsent(parts[0], at -> new ArrayList<>()).add(parts[1]);
      }
      assertThat(wrong).as("headers that are not as they were sent").isEmpty();
    }
    assertThat(seen).hasSize(10).isEqualTo(read());
  }

  @Test
  void anAmqpPublisherWritesByTheTopicsExchange() throws Exception {
    try (Connection connection = amqp();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      for (int i = 0; i < MESSAGES; i++) {
        AMQP.BasicProperties properties =
            new AMQP.BasicProperties.Builder()
                .headers(
                    Map.of(
                        "isostream-key", "k" + i % 10, "number", i, "text", "ü", "bytes", NO_TEXT))
                .build();
        channel.basicPublish(
            topic.name(), Integer.toString(i % PARTITIONS), properties, ("m-" + i).getBytes(UTF_8));
      }
      channel.basicPublish(topic.name(), "0", null, "bare".getBytes(UTF_8));
      channel.waitForConfirmsOrDie(PATIENCE_SECONDS * 1000);
    }
    Map<String, List<String>> read = read();
    assertThat(read.remove("0/-")).containsExactly("bare");
    Map<String, List<String>> wanted = new TreeMap<>();
    for (int i = 0; i < MESSAGES; i++) {
      wanted.computeIfAbsent(i % PARTITIONS + "/k" + i % 10, at -> new ArrayList<>()).add("m-" + i);
    }
    assertThat(read).isEqualTo(wanted);
    try (Reader<String> reader = messaging().reader(topic).untilEnd().open()) {
      for (Received<String> message : reader) {
        if (!message.payload().equals("bare")) {
          Headers headers = message.headers();
          assertThat(headers.text("text")).contains("ü");
          assertThat(headers.text("number")).contains(message.payload().substring(2));
          assertThat(headers.last("bytes").orElseThrow().value()).isEqualTo(NO_TEXT);
          assertThat(headers.asList()).hasSize(3);
        }
      }
    }
  }

  @Test
  void theStreamClientsSuperStreamConsumerReadsATopic() throws Exception {
    sendThirtyOfTenKeys();
    BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    Map<String, List<String>> seen = new TreeMap<>();
    try (Environment environment = environment()) {
      var consumer =
          environment
              .consumerBuilder()
              .superStream(topic.name())
              .offset(OffsetSpecification.first())
              .messageHandler(
                  (context, message) ->
                      arrived.add(
                          context.stream().substring(topic.name().length() + 1)
                              + "/"
                              + message.getApplicationProperties().get("isostream-key")
                              + "="
                              + new String(message.getBodyAsBinary(), UTF_8)))
              .build();
      for (int i = 0; i < MESSAGES; i++) {
        String next = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("message %d", i).isNotNull();
        String[] parts = next.split("=", 2);
        seen.computeIfAbsent(parts[0], at -> new ArrayList<>()).add(parts[1]);
      }
      consumer.close();
    }
    assertThat(seen).hasSize(10).isEqualTo(read());
  }

  /** The stream client's hash routing and Isostream's put a key into the same partition. */
  @Test
  void theStreamClientsSuperStreamProducerWritesToATopic() throws Exception {
    sendThirtyOfTenKeys();
    Map<String, List<String>> before = read();
    CountDownLatch confirmed = new CountDownLatch(MESSAGES);
    try (Environment environment = environment()) {
      var producer =
          environment
              .producerBuilder()
              .superStream(topic.name())
              .routing(message -> text(message.getApplicationProperties().get("isostream-key")))
              .producerBuilder()
              .build();
      for (int i = 0; i < MESSAGES; i++) {
        producer.send(
            producer
                .messageBuilder()
                .applicationProperties()
                .entry("isostream-key", "k" + i % 10)
                .messageBuilder()
                .addData(("theirs " + i).getBytes(UTF_8))
                .build(),
            status -> {
              if (status.isConfirmed()) {
                confirmed.countDown();
              }
            });
      }
      assertThat(confirmed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      producer.close();
    }
    Map<String, List<String>> after = read();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach(
        (at, payloads) -> {
          int key = Integer.parseInt(at.substring(at.indexOf('k') + 1));
          List<String> all = new ArrayList<>(payloads);
          for (int i = key; i < MESSAGES; i += 10) {
            all.add("theirs " + i);
          }
          assertThat(after.get(at)).as("partition and key %s", at).isEqualTo(all);
        });
  }
}
