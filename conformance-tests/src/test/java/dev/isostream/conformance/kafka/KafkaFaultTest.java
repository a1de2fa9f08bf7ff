package dev.isostream.conformance.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.Position;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.BrokerSecurity;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.kafka.KafkaBench.Member;
import dev.isostream.conformance.kafka.KafkaBench.Sent;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.Source;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the adapter does with a broker that is gone, or refuses. */
final class KafkaFaultTest {

  private static Brokers brokers;

  @BeforeAll
  static void start() {
    brokers = Brokers.fromSystemProperties();
    assumeTrue(brokers.isSelected("kafka"), "Kafka was not chosen");
    assumeTrue(brokers.mode("kafka").controllable(), "someone else's Kafka");
  }

  @AfterAll
  static void stop() {
    brokers.close();
  }

  private static long millisOf(Runnable action) {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1_000_000;
  }

  @Test
  void appendsNeverWaitAndSayWhetherTheyMayBeStored() {
    try (Broker broker = brokers.own("kafka");
        KafkaBench bench = new KafkaBench(broker.address(), Map.of())) {
      String topic = bench.topic(3);
      Sink patient = bench.sink(topic, Duration.ofMinutes(1));
      Sink hasty = bench.sink(topic, Duration.ofSeconds(3));
      Sent before = new Sent("before");
      patient.append(List.of(before));
      assertThat(before.await().kind()).isNull();

      broker.kill();
      List<Sent> kept = new ArrayList<>();
      List<Sent> given = new ArrayList<>();
      long longest = 0;
      for (int i = 0; i < 300; i++) {
        Sent keep = new Sent("keep" + i);
        Sent give = new Sent("give" + i);
        kept.add(keep);
        given.add(give);
        longest = Math.max(longest, millisOf(() -> patient.append(List.of(keep))));
        longest = Math.max(longest, millisOf(() -> hasty.append(List.of(give))));
      }
      assertThat(longest).as("longest append").isLessThan(200);
      for (Sent give : given) {
        assertThat(give.await().kind()).isEqualTo(ErrorKind.UNAVAILABLE);
      }
      // a connection just being tried can't be told from one that carries a request
      assertThat(given.stream().filter(give -> give.await().maybeStored()).count())
          .as("maybe stored")
          .isLessThan(given.size() / 2);
      assertThat(millisOf(() -> patient.append(List.of(new Sent("later"))))).isLessThan(200);

      broker.start();
      for (Sent keep : kept) {
        assertThat(keep.await().kind()).isNull();
      }
      Sent after = new Sent("after");
      hasty.append(List.of(after));
      assertThat(after.await().kind()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aMemberOutlivesTheBroker(String protocol) {
    try (Broker broker = brokers.own("kafka");
        KafkaBench bench =
            new KafkaBench(
                broker.address(), Duration.ofSeconds(5), Map.of("group.protocol", protocol))) {
      String topic = bench.topic(1);
      bench.send(topic, 10);
      Member one = bench.member(topic, "g");
      one.until("a lane", () -> one.told.lanes.size() == 1);
      one.source.read(one.told.lane("0"), Place.Origin.INSTANCE);
      one.until("10 records", () -> one.told.count() == 10);
      broker.kill();
      var failed = commit(one, topic, 3);
      one.until("commit decided", failed::isDone);
      assertThat(failed.join().values())
          .allSatisfy(
              outcome ->
                  assertThat(outcome)
                      .isInstanceOfSatisfying(
                          CommitOutcome.Failed.class,
                          f -> assertThat(f.cause().kind()).isEqualTo(ErrorKind.UNAVAILABLE)));
      broker.start();
      bench.send(topic, 10);
      one.until("20 records", () -> one.told.count() == 20);
      // the share may have gone and come back; the lane of now must take a commit
      one.until(
          "a commit is stored",
          () -> {
            if (one.told.lanes.isEmpty()) {
              return false;
            }
            var stage = commit(one, topic, 5);
            one.until("decided", stage::isDone);
            return stage.join().values().stream().allMatch(CommitOutcome.Stored.class::isInstance);
          });
    }
  }

  private static CompletableFuture<Map<Lane, CommitOutcome>> commit(
      Member one, String topic, long offset) {
    Place place = new Place.At(Position.of("kafka", topic, "0", null, offset));
    return one.source
        .commit(
            List.of(
                new LaneCommit(
                    one.told.lane("0"), new StoredCursor(place, new byte[] {1}), List.of(), false)))
        .toCompletableFuture();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void closingIsBoundedWithoutABroker(String protocol) {
    try (Broker broker = brokers.own("kafka");
        KafkaBench bench =
            new KafkaBench(
                broker.address(), Duration.ofSeconds(30), Map.of("group.protocol", protocol))) {
      String topic = bench.topic(1);
      Member one = bench.member(topic, "g");
      one.until("a lane", () -> one.told.lanes.size() == 1);
      Sink sink = bench.sink(topic);
      Sent stored = new Sent("stored");
      sink.append(List.of(stored));
      assertThat(stored.await().kind()).isNull();
      broker.pause();
      try {
        var undecided = commit(one, topic, 0);
        assertThat(millisOf(sink::close)).isLessThan(3_000);
        assertThat(millisOf(one.source::close)).isLessThan(15_000);
        assertThat(undecided).isDone();
      } finally {
        broker.resume();
      }
    }
  }

  @Test
  void aBrokerThatIsSilentIsToldWithinTheRequestTimeout() {
    try (Broker broker = brokers.own("kafka")) {
      broker.pause();
      try (KafkaBench bench = new KafkaBench(broker.address(), Duration.ofSeconds(2), Map.of())) {
        long took =
            millisOf(
                () ->
                    assertThatThrownBy(() -> bench.sink("any"))
                        .isInstanceOfSatisfying(
                            DriverException.class,
                            e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE)));
        assertThat(took).isLessThan(4_000);
      } finally {
        broker.resume();
      }
    }
  }

  @Test
  void aBrokerThatFallsSilentIsToldAndReadingGoesOn() throws Exception {
    Duration timeout = Duration.ofSeconds(2);
    try (Broker broker = brokers.own("kafka");
        KafkaBench classic = new KafkaBench(broker.address(), timeout, Map.of());
        KafkaBench newer =
            new KafkaBench(broker.address(), timeout, Map.of("group.protocol", "consumer"))) {
      String topic = classic.topic(1);
      Member one = classic.member(topic, "one");
      one.until("a lane", () -> one.told.lanes.size() == 1);
      Member two = newer.member(topic, "two");
      two.until("a lane", () -> two.told.lanes.size() == 1);
      Told read = new Told(null);
      try (Source reader = classic.driver.openReader(topic)) {
        reader.read(new Lane("0", 1, true), Place.Origin.INSTANCE);
        reader.poll(Duration.ofSeconds(1), read);
        broker.pause();
        try {
          var commit = commit(two, topic, 0);
          List<CompletableFuture<Void>> told =
              List.of(
                  CompletableFuture.runAsync(() -> assertSilenceIsTold(one.source, one.told)),
                  CompletableFuture.runAsync(() -> assertSilenceIsTold(two.source, two.told)),
                  CompletableFuture.runAsync(() -> assertSilenceIsTold(reader, read)));
          for (CompletableFuture<Void> each : told) {
            each.get(60, TimeUnit.SECONDS);
          }
          assertThat(commit).isDone();
        } finally {
          broker.resume();
        }
        classic.send(topic, 3);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (read.count() < 3 && System.nanoTime() < deadline) {
          reader.poll(Duration.ofMillis(100), read);
        }
        assertThat(read.count()).isEqualTo(3);
      }
    }
  }

  private static void assertSilenceIsTold(Source source, Told told) {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 400; i++) {
                source.poll(Duration.ofMillis(100), told);
              }
            })
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  @Test
  void refusalsAreToldApart() {
    Broker broker = brokers.secured("kafka");
    BrokerSecurity security = broker.security().orElseThrow();
    String topic;
    try (KafkaBench bench = login(security, security.admin().user(), security.admin().password())) {
      topic = bench.topic(1);
      bench.send(topic, 1);
    }
    assertRefused(
        ErrorKind.AUTHENTICATION,
        login(security, security.admin().user(), "wrong-5ecret"),
        topic,
        "wrong-5ecret");
    assertRefused(
        ErrorKind.AUTHORIZATION,
        login(security, security.visitor().user(), security.visitor().password()),
        topic,
        security.visitor().password());
    assertRefused(
        ErrorKind.SECURE_CONNECTION,
        new KafkaBench(
            security.tlsAddress(), Duration.ofSeconds(5), Map.of("security.protocol", "SSL")),
        topic,
        security.trustStorePassword());
    try (KafkaBench bench =
        new KafkaBench(
            security.tlsAddress(),
            Map.of(
                "security.protocol",
                "SSL",
                "ssl.truststore.location",
                security.trustStore().toString(),
                "ssl.truststore.password",
                security.trustStorePassword()))) {
      bench.send(topic, 1);
    }
  }

  @Test
  void aMissingPermissionIsToldWhenSomethingIsOpened() throws Exception {
    Broker broker = brokers.secured("kafka");
    BrokerSecurity security = broker.security().orElseThrow();
    try (KafkaBench owner = login(security, security.admin().user(), security.admin().password());
        KafkaBench visitor =
            login(security, security.visitor().user(), security.visitor().password())) {
      String topic = owner.topic(1);
      Admin admin = owner.driver.unwrap(Admin.class).orElseThrow();
      AclBinding binding =
          new AclBinding(
              new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
              new AccessControlEntry(
                  "User:" + security.visitor().user(),
                  "*",
                  AclOperation.READ,
                  AclPermissionType.ALLOW));
      admin.createAcls(List.of(binding)).all().get();
      assertThatThrownBy(() -> visitor.sink(topic))
          .isInstanceOfSatisfying(
              DriverException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHORIZATION));
      visitor.driver.openReader(topic).close();
      Member one = visitor.member(topic, "g");
      assertThatThrownBy(() -> one.until("a lane", () -> !one.told.lanes.isEmpty()))
          .isInstanceOfSatisfying(
              DriverException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHORIZATION));
    }
  }

  private static KafkaBench login(BrokerSecurity security, String user, String password) {
    return new KafkaBench(
        security.loginAddress(),
        Duration.ofSeconds(5),
        Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
                + user
                + "\" password=\""
                + password
                + "\";"));
  }

  private static void assertRefused(ErrorKind kind, KafkaBench bench, String topic, String secret) {
    try (bench) {
      long took =
          millisOf(
              () ->
                  assertThatThrownBy(() -> bench.sink(topic))
                      .isInstanceOfSatisfying(
                          DriverException.class,
                          e -> {
                            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
                            assertThat(String.valueOf(e.getMessage())).doesNotContain(secret);
                          }));
      assertThat(took).isLessThan(6_000);
    }
  }
}
