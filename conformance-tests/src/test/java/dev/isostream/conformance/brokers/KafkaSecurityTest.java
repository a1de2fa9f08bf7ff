package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.conformance.brokers.BrokerSecurity.Login;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The guarded Kafka lets in who may come, and tells the others apart. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaSecurityTest {
  private static final long PATIENCE_SECONDS = 30;

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final String topic = "t-" + UUID.randomUUID();
  private Optional<Broker> opened = Optional.empty();

  @BeforeAll
  void open() throws Exception {
    assumeTrue(brokers.isSelected("kafka"), "Kafka was not chosen");
    assumeTrue(brokers.mode("kafka").controllable(), "someone else's Kafka");
    Broker broker = brokers.secured("kafka");
    opened = Optional.of(broker);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
      admin
          .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
          .all()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  private Broker broker() {
    return opened.orElseThrow();
  }

  private BrokerSecurity security() {
    return broker().security().orElseThrow();
  }

  private void send(Map<String, Object> properties) throws Exception {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("max.block.ms", 20_000);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, "v")).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Map<String, Object> login(Login login) {
    return Map.of(
        "bootstrap.servers",
        security().loginAddress(),
        "security.protocol",
        "SASL_PLAINTEXT",
        "sasl.mechanism",
        "PLAIN",
        "sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(login.user(), login.password()));
  }

  private Map<String, Object> tls() {
    return Map.of("bootstrap.servers", security().tlsAddress(), "security.protocol", "SSL");
  }

  @Test
  void plainAddressesNeedNoLogin() throws Exception {
    send(Map.of("bootstrap.servers", broker().address()));
    send(Map.of("bootstrap.servers", broker().proxy().address()));
  }

  @Test
  void adminMayWrite() throws Exception {
    send(login(security().admin()));
  }

  @Test
  void visitorMayNot() {
    assertThatThrownBy(() -> send(login(security().visitor())))
        .hasCauseInstanceOf(TopicAuthorizationException.class);
  }

  @Test
  void wrongPasswordIsRefused() {
    Login wrong = new Login(security().admin().user(), "wrong");
    assertThatThrownBy(() -> send(login(wrong)))
        .hasRootCauseInstanceOf(SaslAuthenticationException.class);
  }

  @Test
  void tlsWorksForWhoTrustsTheCertificate() throws Exception {
    Map<String, Object> properties = new HashMap<>(tls());
    properties.put("ssl.truststore.type", "PKCS12");
    properties.put("ssl.truststore.location", security().trustStore().toString());
    properties.put("ssl.truststore.password", security().trustStorePassword());
    send(properties);
  }

  @Test
  void tlsFailsForWhoDoesNot() {
    assertThatThrownBy(() -> send(tls())).hasCauseInstanceOf(SslAuthenticationException.class);
  }

  @Test
  void secretsAreNotShown() {
    assertThat(security() + " " + security().admin() + " " + broker())
        .doesNotContain(security().admin().password())
        .doesNotContain(security().trustStorePassword());
  }
}
