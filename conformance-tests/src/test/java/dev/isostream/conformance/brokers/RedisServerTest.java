package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.MessagingException;
import dev.isostream.Producer;
import dev.isostream.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** What shows at the server itself, and what depends on how it is set up. */
class RedisServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Topic<String> TOPIC = Topic.of("orders", Codecs.utf8());
  private static final String STREAM = "isostream:{orders:0}";

  private final Brokers brokers = Brokers.of(Map.of("brokers.mode", "local"));
  private Broker broker = brokers.own("redis");

  @BeforeEach
  void createTopic() {
    try (Messaging messaging = connect(Map.of())) {
      messaging.topics().create("orders", 1);
    }
  }

  @AfterEach
  void close() {
    brokers.close();
  }

  private Messaging connect(Map<String, String> properties) {
    MessagingBuilder builder = Messaging.builder().address("redis://" + broker.address());
    properties.forEach(builder::property);
    return builder.open();
  }

  /** A reply as text, lists joined by commas. */
  private String ask(Protocol.Command command, String... arguments) {
    try (Connection connection = new Connection(HostAndPort.from(broker.address()))) {
      connection.sendCommand(command, arguments);
      return text(connection.getOne());
    }
  }

  private static String text(Object reply) {
    if (reply instanceof List<?> list) {
      return String.join(",", list.stream().map(RedisServerTest::text).toList());
    }
    return reply instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(reply);
  }

  @Test
  void operatorsSeeWhatIsInHandAndWhatIsNot() throws Exception {
    try (Messaging messaging = connect(Map.of())) {
      try (Producer<String> producer = messaging.producer(TOPIC).open();
          Consumer<String> consumer =
              messaging.consumer(TOPIC).group("billing").whenExhausted(Exhausted.STOP).open()) {
        for (int i = 0; i < 5; i++) {
          producer.sendSync(Message.of("m" + i));
        }
        List<Delivery<String>> inHand = new ArrayList<>();
        while (inHand.size() < 3) {
          inHand.add(consumer.receive(LIMIT).orElseThrow());
        }
        awaitPending("3,");
        String consumerName = ask(Protocol.Command.XPENDING, STREAM, "billing").split(",", -1)[3];
        assertThat(consumerName).as("who has them in hand").startsWith("isostream-");
        assertThat(ask(Protocol.Command.XINFO, "GROUPS", STREAM))
            .as("what is not in hand is not delivered")
            .contains("pending,3", "entries-read,3", "lag,2");

        inHand.get(1).ack().toCompletableFuture().get();
        awaitPending("2,");
        inHand.get(0).nack(Duration.ofMinutes(1)).toCompletableFuture().get();
        inHand.get(2).ack().toCompletableFuture().get();
        assertThat(ask(Protocol.Command.XPENDING, STREAM, "billing"))
            .as("one that waits for its retry")
            .startsWith("1,");
      }
    }
  }

  private void awaitPending(String summary) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!ask(Protocol.Command.XPENDING, STREAM, "billing").startsWith(summary)) {
      assertThat(System.nanoTime()).as("time for: pending " + summary).isLessThan(end);
      Thread.sleep(10);
    }
  }

  @Test
  void whatIsSettledSoonWasNeverPending() throws Exception {
    try (Messaging messaging = connect(Map.of())) {
      try (Producer<String> producer = messaging.producer(TOPIC).open();
          Consumer<String> consumer =
              messaging.consumer(TOPIC).group("billing").whenExhausted(Exhausted.STOP).open()) {
        for (int i = 0; i < 5; i++) {
          producer.sendSync(Message.of("m" + i));
        }
        int count = 0;
        while (count < 5) {
          consumer.receive(LIMIT).orElseThrow().ack().toCompletableFuture().get();
          count++;
        }
        assertThat(ask(Protocol.Command.XPENDING, STREAM, "billing")).startsWith("0,");
        assertThat(ask(Protocol.Command.XINFO, "GROUPS", STREAM))
            .contains("consumers,1", "pending,0", "entries-read,5", "lag,0");
      }
      assertThat(ask(Protocol.Command.XINFO, "CONSUMERS", STREAM, "billing")).isEmpty();
    }
  }

  @Test
  void storedMessagesAreAnnouncedWhereThatWasAskedFor() {
    try (Connection listener = new Connection(HostAndPort.from(broker.address()));
        Messaging messaging = connect(Map.of("redis.announce", "true"));
        Producer<String> producer = messaging.producer(TOPIC).open()) {
      listener.sendCommand(Protocol.Command.SUBSCRIBE, STREAM);
      assertThat(text(listener.getOne())).startsWith("subscribe,");

      producer.sendSync(Message.of("m"));

      String id = text(ask(Protocol.Command.XREVRANGE, STREAM, "+", "-")).split(",", -1)[0];
      assertThat(text(listener.getOne())).isEqualTo("message," + STREAM + "," + id);
    }
  }

  @Test
  void withoutTheReplicasThatWereAskedForNothingIsConfirmed() {
    try (Messaging messaging =
            connect(Map.of("redis.wait.replicas", "1", "request-timeout", "1s"));
        Producer<String> producer =
            messaging.producer(TOPIC).deliveryTimeout(Duration.ofSeconds(2)).open()) {
      assertThatThrownBy(() -> producer.sendSync(Message.of("m")))
          .isInstanceOf(MessagingException.class)
          .hasMessageContaining("may have been stored");
    }
    assertThat(ask(Protocol.Command.XLEN, STREAM)).as("stored once all the same").isEqualTo("1");
  }

  @Test
  void aServerThatEvictsIsRefused() {
    ask(Protocol.Command.CONFIG, "SET", "maxmemory-policy", "allkeys-lru");
    try (Messaging messaging = connect(Map.of())) {
      assertThatThrownBy(() -> messaging.producer(TOPIC).open())
          .isInstanceOf(MessagingException.class)
          .hasMessageContaining("allkeys-lru")
          .hasMessageContaining("noeviction");
    }
  }

  @Test
  void aTopicsRetentionTrimsIt() {
    try (Messaging messaging = connect(Map.of("redis.topic.retention.length", "100"))) {
      messaging.topics().create("short", 1);
      Topic<String> topic = Topic.of("short", Codecs.utf8());
      try (Producer<String> producer = messaging.producer(topic).open()) {
        for (int i = 0; i < 2000; i++) {
          var unused = producer.send(Message.of("m" + i));
        }
        producer.flush().join();
      }
    }
    int left = Integer.parseInt(ask(Protocol.Command.XLEN, "isostream:{short:0}"));
    assertThat(left).isBetween(100, 400);
  }
}
