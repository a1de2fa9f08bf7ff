package dev.isostream.conformance.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.AuthorizationException;
import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingException;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.brokers.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What depends on how the server is set up: its plug-ins, and what a user may do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RabbitServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String NOTHING = "^$";
  private static final String OWN = "^isostream:.*";

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final Topic<String> topic = Topic.of("t-" + UUID.randomUUID(), Codecs.utf8());
  private Optional<Broker> started = Optional.empty();

  @BeforeAll
  void start() {
    assumeTrue(brokers.isSelected("rabbitmq"), "RabbitMQ was not chosen");
    started = Optional.of(brokers.own("rabbitmq"));
    try (Messaging messaging = connect(Map.of());
        Producer<String> producer = create(messaging)) {
      producer.sendSync(Message.of("first"));
    }
  }

  private Producer<String> create(Messaging messaging) {
    messaging.topics().create(topic.name(), 2);
    return messaging.producer(topic).open();
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  private Broker broker() {
    return started.orElseThrow();
  }

  private Messaging connect(Map<String, String> properties) {
    return connect(properties, "rabbitmq://" + broker().address());
  }

  private Messaging connect(Map<String, String> properties, String address) {
    var builder =
        Messaging.builder()
            .address(address)
            .property("request-timeout", "5s")
            .property("rabbitmq.failover.time", "4s");
    broker().properties().forEach(builder::property);
    properties.forEach(builder::property);
    return builder.open();
  }

  private Messaging user(String name, String configure, String write, String read) {
    String password = UUID.randomUUID().toString();
    broker().control("add_user", name, password);
    broker().control("set_permissions", name, configure, write, read);
    return connect(Map.of("rabbitmq.username", name, "rabbitmq.password", password));
  }

  private String streams() {
    return "^" + topic.name() + "-\\d+$";
  }

  private void reads(Messaging messaging) {
    try (Reader<String> reader = messaging.reader(topic).untilEnd().open()) {
      assertThat(reader.stream().map(Received::payload)).contains("first");
    }
  }

  private void publishes(Messaging messaging) {
    try (Producer<String> producer = messaging.producer(topic).open()) {
      producer.sendSync(Message.of("more"));
    }
  }

  private void consumes(Messaging messaging, String group) throws Exception {
    try (Consumer<String> consumer =
        messaging
            .consumer(topic)
            .group(group)
            .startAt(StartAt.earliest())
            .whenExhausted(Exhausted.STOP)
            .open()) {
      consumer.receive(LIMIT).orElseThrow().ack().toCompletableFuture().get();
    }
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
    assertThatThrownBy(action).isInstanceOf(AuthorizationException.class);
  }

  @Test
  void aReaderNeedsToReadTheStreamsAndNothingElse() {
    try (Messaging messaging = user("reader", NOTHING, NOTHING, streams())) {
      reads(messaging);
      refused(() -> publishes(messaging));
      refused(() -> consumes(messaging, "readers"));
      refused(() -> messaging.topics().create("new-by-reader", 1));
    }
  }

  @Test
  void aProducerNeedsToWriteToTheStreamsAndNothingElse() {
    try (Messaging messaging = user("publisher", NOTHING, streams(), NOTHING)) {
      publishes(messaging);
      refused(() -> reads(messaging));
      refused(() -> consumes(messaging, "publishers"));
    }
  }

  @Test
  void aMemberNeedsItsGroupsStreamToo() throws Exception {
    try (Messaging messaging = user("member", OWN, OWN, streams() + "|" + OWN)) {
      consumes(messaging, "members");
      refused(() -> publishes(messaging));
      refused(() -> messaging.topics().create("new-by-member", 1));
    }
  }

  @Test
  void anOperatorMayMakeTopicsAndDescribeThem() {
    String topics = "^new.*|" + OWN;
    try (Messaging messaging = user("operator", topics, topics, topics)) {
      messaging.topics().create("new-topic", 1);
      messaging.topics().grow("new-topic", 2);
      assertThat(messaging.topics().describe("new-topic")).isPresent();
      messaging.topics().delete("new-topic");
      refused(() -> messaging.topics().create("old-topic", 1));
    }
  }

  @Test
  void aUserWhoMayNothingIsToldSo() {
    try (Messaging messaging = user("nobody", NOTHING, NOTHING, NOTHING)) {
      refused(() -> reads(messaging));
      refused(() -> publishes(messaging));
      refused(() -> consumes(messaging, "nobodies"));
    }
  }

  @Test
  void aServerWithoutTheStreamPlugInIsRefusedWithTheCommandThatEnablesIt() {
    Broker plain = brokers.own("rabbitmq");
    plain.control("eval", "ok = application:stop(rabbitmq_stream).");
    var builder =
        Messaging.builder()
            .address("rabbitmq://" + plain.address())
            .property("request-timeout", "2s");
    plain.properties().forEach(builder::property);
    try (Messaging messaging = builder.open()) {
      assertThatThrownBy(() -> messaging.producer(topic).open())
          .isInstanceOf(MessagingException.class)
          .hasMessageContaining("rabbitmq-plugins enable rabbitmq_stream")
          .hasMessageContaining(plain.address());
    }
    plain.close();
  }

  /** Else the process would not end. */
  @Test
  void whatIsClosedWhileTheBrokerDiesLeavesNoThread() throws Exception {
    String client = "leaver-" + UUID.randomUUID();
    try (TcpProxy proxy = TcpProxy.open(broker().address())) {
      Messaging messaging =
          connect(
              Map.of("client-id", client, "rabbitmq.connect", "given"),
              "rabbitmq://" + proxy.address());
      reads(messaging);
      assertThat(threadsOf(client)).isNotEmpty();
      proxy.blackHole(TcpProxy.Direction.TO_BROKER, TcpProxy.Direction.TO_CLIENT);
      messaging.close();
      proxy.cut();
      for (Thread each : threadsOf(client)) {
        each.join(LIMIT.toMillis());
      }
      assertThat(threadsOf(client)).isEmpty();
    }
  }

  private static List<Thread> threadsOf(String client) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().contains(client))
        .toList();
  }
}
