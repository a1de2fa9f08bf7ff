package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.AuthenticationException;
import dev.isostream.AuthorizationException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.SecureConnectionException;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** TLS, logins, and users who may do exactly what the adapter's page says they need. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisSecurityTest {
  private static final Path PAGE = Path.of("..", "docs", "adapters", "redis.md");
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Topic<String> TOPIC = Topic.of("orders", Codecs.utf8());
  private static final String USER = "orders-service";
  private static final String PASSWORD = "s3cret-of-orders";
  private static final int MESSAGES = 50;

  private final Brokers brokers = Brokers.of(Map.of("brokers.mode", "local"));
  private final Broker broker = brokers.secured("redis");

  @BeforeAll
  void createTopics() {
    try (Messaging messaging = connect(broker.address(), Map.of())) {
      messaging.topics().create("orders", 2);
      messaging.topics().create("dead-orders", 1);
    }
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  private static Messaging connect(String address, Map<String, String> properties) {
    MessagingBuilder builder =
        Messaging.builder()
            .address("redis://" + address)
            .property("request-timeout", "3s")
            .property("redis.failover.time", "3s");
    properties.forEach(builder::property);
    return builder.open();
  }

  private BrokerSecurity security() {
    return broker.security().orElseThrow();
  }

  private static void sendOne(Messaging messaging) {
    try (Producer<String> producer = messaging.producer(TOPIC).deliveryTimeout(LIMIT).open()) {
      producer.sendSync(Message.of("m"));
    }
  }

  // ---- TLS

  @Test
  void tlsWorksForWhoTrustsTheCertificate() {
    try (Messaging messaging =
        connect(
            security().tlsAddress(),
            Map.of(
                "request-timeout", // a process's first handshake takes its time on a busy machine
                "10s",
                "redis.tls",
                "true",
                "redis.tls.truststore.location",
                security().trustStore().toString(),
                "redis.tls.truststore.password",
                security().trustStorePassword()))) {
      sendOne(messaging);
    }
  }

  @Test
  void tlsFailsForWhoDoesNot() {
    try (Messaging messaging = connect(security().tlsAddress(), Map.of("redis.tls", "true"))) {
      assertThatThrownBy(() -> sendOne(messaging)).isInstanceOf(SecureConnectionException.class);
    }
  }

  /** The server waits for the end of what it takes for a command. */
  @Test
  void tlsAtAPortWithoutItIsNoAnswer() {
    try (Messaging messaging = connect(broker.address(), Map.of("redis.tls", "true"))) {
      assertThatThrownBy(() -> sendOne(messaging)).isInstanceOf(BrokerUnavailableException.class);
    }
  }

  @Test
  void aWrongPasswordIsToldAndNotShown() {
    try (Messaging messaging =
        connect(
            broker.address(),
            Map.of("redis.user", security().admin().user(), "redis.password", "wr0ng-one"))) {
      assertThatThrownBy(() -> sendOne(messaging))
          .isInstanceOf(AuthenticationException.class)
          .hasMessageNotContaining("wr0ng-one");
    }
  }

  // ---- users

  /** The page's table: what each kind of work needs. */
  private static Map<String, List<String>> permissions() {
    String page;
    try {
      page = Files.readString(PAGE);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    String section = page.substring(page.indexOf("## Permissions"));
    section = section.substring(0, section.indexOf("\n## "));
    Pattern permission = Pattern.compile("\\+[a-z|]+");
    Map<String, List<String>> all = new HashMap<>();
    for (String line : section.split("\n", -1)) {
      if (line.startsWith("| ") && line.contains("`+")) {
        List<String> found = new ArrayList<>();
        Matcher matcher = permission.matcher(line.replace("\\|", "|"));
        while (matcher.find()) {
          found.add(matcher.group());
        }
        all.put(line.substring(2, line.indexOf(" |", 2)), found);
      }
    }
    return all;
  }

  /** Makes the user anew, with these permissions but one. */
  private void allow(List<String> kinds, String... less) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "SETUSER", USER, "reset", "on", ">" + PASSWORD, "~isostream:*", "resetchannels"));
    Map<String, List<String>> permissions = permissions();
    for (String kind : kinds) {
      assertThat(permissions).containsKey(kind);
      words.addAll(permissions.get(kind));
    }
    words.removeAll(List.of(less));
    try (Connection connection = new Connection(HostAndPort.from(broker.address()))) {
      connection.sendCommand(Protocol.Command.ACL, words.toArray(String[]::new));
      assertThat(connection.getStatusCodeReply()).isEqualTo("OK");
    }
  }

  private Messaging asUser() {
    return connect(broker.address(), Map.of("redis.user", USER, "redis.password", PASSWORD));
  }

  private static void sendMany(Messaging messaging) {
    try (Producer<String> producer = messaging.producer(TOPIC).deliveryTimeout(LIMIT).open()) {
      producer.sendSync(Message.of("first").key("k"));
      for (int i = 0; i < MESSAGES; i++) {
        var unused = producer.send(Message.of("m" + i).key("k"));
      }
      producer.flush().join();
      producer.sendSync(Message.of("last").key("k"));
    }
  }

  private static void consume(Messaging messaging, String group, int messages) {
    try (Consumer<String> consumer =
        messaging
            .consumer(TOPIC)
            .group(group)
            .startAt(StartAt.earliest())
            .deadLetterTo("dead-orders")
            .open()) {
      for (int i = 0; i < messages; i++) {
        var delivery = consumer.receive(LIMIT).orElseThrow();
        if (i == 0) {
          delivery.deadLetter("to have one").toCompletableFuture().join();
        } else {
          delivery.ack().toCompletableFuture().join();
        }
      }
    }
  }

  @Test
  void whoMayDoWhatThePageSaysCanWork() {
    allow(List.of("connect", "anything", "publish"));
    try (Messaging messaging = asUser()) {
      sendMany(messaging);
    }
    allow(List.of("connect", "anything", "publish", "consume"));
    try (Messaging messaging = asUser()) {
      consume(messaging, "g1", MESSAGES);
    }
    allow(List.of("connect", "anything", "read without a group"));
    try (Messaging messaging = asUser();
        Reader<String> reader =
            messaging.reader(TOPIC).from(StartAt.earliest()).untilEnd().open()) {
      assertThat(reader.stream().count()).isGreaterThan(MESSAGES);
    }
    allow(
        List.of(
            "connect", "anything", "create, grow, delete topics; describe, reset, delete groups"));
    try (Messaging messaging = asUser()) {
      messaging.topics().create("another", 2);
      messaging.groups().reset("orders", "g1", StartAt.earliest());
      messaging.groups().delete("orders", "g1");
      messaging.topics().delete("another");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"+evalsha", "+xadd", "+hset", "+multi"})
  void whoMayNotPublishIsTold(String missing) {
    allow(List.of("connect", "anything", "publish"), missing);
    try (Messaging messaging = asUser()) {
      assertThatThrownBy(() -> sendMany(messaging)).satisfies(RedisSecurityTest::isRefusal);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"+xread", "+xpending", "+xgroup", "+time"})
  void whoMayNotConsumeIsTold(String missing) {
    try (Messaging messaging = connect(broker.address(), Map.of())) {
      sendOne(messaging);
    }
    allow(List.of("connect", "anything", "publish", "consume"), missing);
    try (Messaging messaging = asUser()) {
      assertThatThrownBy(() -> consume(messaging, "lacks" + missing.substring(1), 1))
          .satisfies(RedisSecurityTest::isRefusal);
    }
  }

  private static void isRefusal(Throwable failure) {
    Throwable at = failure;
    while (!(at instanceof AuthorizationException) && at.getCause() != null) {
      at = at.getCause();
    }
    assertThat(at).as("%s", failure).isInstanceOf(AuthorizationException.class);
  }
}
