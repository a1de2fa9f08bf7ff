package dev.isostream.conformance.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.admin.PulsarAdmin;
import org.apache.pulsar.client.admin.PulsarAdminException;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionType;
import org.apache.pulsar.common.policies.data.TenantInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Topics that are unloaded, tenants, and what operators see of a group. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PulsarServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MESSAGES = 20_000;
  private static final int KEYS = 100;
  private static final int UNLOADS = 4;

  private final Brokers brokers = Brokers.fromSystemProperties();
  private Optional<Broker> started = Optional.empty();

  @BeforeAll
  void start() {
    assumeTrue(brokers.isSelected("pulsar"), "Pulsar was not chosen");
    started = Optional.of(brokers.shared("pulsar"));
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  private Broker broker() {
    return started.orElseThrow();
  }

  private static Topic<String> newTopic() {
    return Topic.of("t-" + UUID.randomUUID(), Codecs.utf8());
  }

  private Messaging connect(Map<String, String> properties) {
    MessagingBuilder builder =
        Messaging.builder()
            .address("pulsar://" + broker().address())
            .property("request-timeout", "10s")
            .property("pulsar.failover.time", "4s");
    broker().properties().forEach(builder::property);
    properties.forEach(builder::property);
    return builder.open();
  }

  private PulsarAdmin admin() throws Exception {
    return PulsarAdmin.builder()
        .serviceHttpUrl(broker().properties().get("pulsar.admin.url"))
        .build();
  }

  private static Consumer<String> consumer(Messaging messaging, Topic<String> topic) {
    return messaging
        .consumer(topic)
        .group("billing")
        .startAt(StartAt.earliest())
        .whenExhausted(Exhausted.STOP)
        .drainLimit(Duration.ofSeconds(1)) // some deliveries stay open
        .open();
  }

  // ---- unloading

  @Test
  void nothingIsLostTwiceOrOutOfOrderWhileTopicsAreUnloaded() throws Exception {
    Topic<String> topic = newTopic();
    Map<String, Integer> next = new ConcurrentHashMap<>();
    List<String> wrong = new CopyOnWriteArrayList<>();
    CountDownLatch handled = new CountDownLatch(MESSAGES);
    List<CompletableFuture<?>> sends = new ArrayList<>();
    try (Messaging messaging = connect(Map.of());
        PulsarAdmin admin = admin()) {
      messaging.topics().create(topic.name(), 2);
      try (Producer<String> producer = messaging.producer(topic).open();
          Subscription subscription =
              messaging
                  .subscribe(topic)
                  .group("billing")
                  .startAt(StartAt.earliest())
                  .whenExhausted(Exhausted.STOP)
                  .handle(delivery -> take(delivery.payload(), next, wrong, handled))) {
        for (int i = 0; i < MESSAGES; i++) {
          String key = "k" + i % KEYS;
          sends.add(producer.send(Message.of(key + "/" + i / KEYS).key(key)).toCompletableFuture());
          if (i % (MESSAGES / UNLOADS) == MESSAGES / UNLOADS / 2) {
            unload(admin, topic.name());
          }
        }
        CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new))
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(handled.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("all handled").isTrue();
        subscription.drain().toCompletableFuture().join();
      }
      assertThat(wrong).isEmpty();
      try (Reader<String> reader =
          messaging.reader(topic).from(StartAt.earliest()).untilEnd().open()) {
        assertThat(reader.stream().count()).as("each is stored once").isEqualTo(MESSAGES);
      }
    }
  }

  /** The partitions and the group's own topic, as a broker does that gives them to another. */
  private static void unload(PulsarAdmin admin, String topic) throws PulsarAdminException {
    for (String each : admin.topics().getList("public/default")) {
      if (each.contains(topic)) {
        admin.topics().unload(each);
      }
    }
  }

  private static void take(
      String payload, Map<String, Integer> next, List<String> wrong, CountDownLatch handled) {
    int slash = payload.indexOf('/');
    String key = payload.substring(0, slash);
    int number = Integer.parseInt(payload.substring(slash + 1));
    int expected = next.getOrDefault(key, 0);
    if (number > expected) {
      wrong.add(payload + " in place of " + expected);
    } else if (number == expected) {
      next.put(key, number + 1);
      handled.countDown();
    }
  }

  // ---- tenants

  @Test
  void twoTenantsWithTopicsOfOneNameShareNothing() throws Exception {
    Topic<String> topic = newTopic();
    String tenant = "tenant-" + UUID.randomUUID();
    try (PulsarAdmin admin = admin()) {
      admin
          .tenants()
          .createTenant(tenant, TenantInfo.builder().allowedClusters(Set.of("standalone")).build());
      admin.namespaces().createNamespace(tenant + "/sales");
    }
    Map<String, String> other = Map.of("pulsar.tenant", tenant, "pulsar.namespace", "sales");
    try (Messaging ours = connect(Map.of());
        Messaging theirs = connect(other)) {
      ours.topics().create(topic.name(), 1);
      assertThat(theirs.topics().describe(topic.name())).isEmpty();
      theirs.topics().create(topic.name(), 1);
      publish(ours, topic, "ours");
      publish(theirs, topic, "theirs");
      try (Consumer<String> mine = consumer(ours, topic);
          Consumer<String> yours = consumer(theirs, topic)) {
        assertThat(next(mine)).isEqualTo("ours");
        assertThat(next(yours)).isEqualTo("theirs");
        assertThat(mine.receive(Duration.ofMillis(500))).isEmpty();
        assertThat(yours.receive(Duration.ofMillis(500))).isEmpty();
      }
      assertThat(theirs.topics().list()).containsExactly(topic.name());
      theirs.topics().delete(topic.name());
      assertThat(ours.groups().list(topic.name())).containsExactly("billing");
      try (Reader<String> reader = ours.reader(topic).untilEnd().open()) {
        assertThat(reader.stream().map(Received::payload)).containsExactly("ours");
      }
    }
  }

  private static void publish(Messaging messaging, Topic<String> topic, String payload) {
    try (Producer<String> producer = messaging.producer(topic).open()) {
      producer.sendSync(Message.of(payload));
    }
  }

  private static String next(Consumer<String> consumer) throws Exception {
    Delivery<String> delivery = consumer.receive(LIMIT).orElseThrow();
    delivery.ack().toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    return delivery.payload();
  }

  // ---- what operators see

  @Test
  void whatIsSettledShowsOneByOneInTheNativeSubscriptionAlsoWithinBatches() throws Exception {
    Topic<String> topic = newTopic();
    Map<String, String> batching = Map.of("pulsar.producer.batchingMaxPublishDelayMicros", "50000");
    Set<String> open = new TreeSet<>();
    try (Messaging messaging = connect(batching)) {
      messaging.topics().create(topic.name(), 1);
      try (Producer<String> producer = messaging.producer(topic).open()) {
        List<CompletableFuture<?>> sends = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          sends.add(producer.send(Message.of("m" + i).key("k" + i)).toCompletableFuture());
        }
        sends.forEach(CompletableFuture::join);
      }
      try (Consumer<String> consumer = consumer(messaging, topic)) {
        List<CompletableFuture<?>> acks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          Delivery<String> delivery = consumer.receive(LIMIT).orElseThrow();
          if (i % 3 == 1) {
            open.add(delivery.payload());
          } else {
            acks.add(delivery.ack().toCompletableFuture());
          }
        }
        for (CompletableFuture<?> ack : acks) {
          ack.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
      }
    }
    assertThat(leftOf(topic.name())).isEqualTo(open);
  }

  /** What another consumer of the subscription would get. */
  private Set<String> leftOf(String topic) throws Exception {
    Set<String> left = new TreeSet<>();
    try (PulsarClient client =
            PulsarClient.builder().serviceUrl("pulsar://" + broker().address()).build();
        org.apache.pulsar.client.api.Consumer<byte[]> consumer =
            client
                .newConsumer()
                .topic(topic + "-partition-0")
                .subscriptionName("billing")
                .subscriptionType(SubscriptionType.Failover)
                .enableBatchIndexAcknowledgment(true)
                .subscribe()) {
      for (var message = consumer.receive(20, TimeUnit.SECONDS);
          message != null;
          message = consumer.receive(2, TimeUnit.SECONDS)) {
        left.add(new String(message.getData(), java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    return left;
  }
}
