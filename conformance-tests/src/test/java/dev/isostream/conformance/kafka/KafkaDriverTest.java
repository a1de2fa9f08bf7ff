package dev.isostream.conformance.kafka;

import static dev.isostream.conformance.kafka.KafkaBench.await;
import static dev.isostream.conformance.kafka.KafkaBench.bytes;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.conformance.brokers.Broker;
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
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the adapter does with a healthy broker, one SPI method after the other. */
final class KafkaDriverTest {

  private static Brokers brokers;
  private static Broker broker;

  @BeforeAll
  static void start() {
    brokers = Brokers.fromSystemProperties();
    assumeTrue(brokers.isSelected("kafka"), "Kafka was not chosen");
    broker = brokers.shared("kafka");
  }

  @AfterAll
  static void stop() {
    brokers.close();
  }

  private static KafkaBench bench(Map<String, String> properties) {
    return new KafkaBench(broker.address(), properties);
  }

  private static KafkaBench benchOf(String protocol) {
    return bench(
        protocol.equals("classic")
            ? Map.of("session.timeout.ms", "3000", "heartbeat.interval.ms", "300")
            : Map.of("group.protocol", "consumer"));
  }

  @Test
  @SuppressWarnings("NullAway") // before JDK 22 it does not see that a header's value may be null
  void keysPayloadsAndHeadersComeBackAsTheyWent() {
    try (KafkaBench bench = bench(Map.of())) {
      String topic = bench.topic(1);
      Headers headers =
          Headers.of(
              List.of(
                  new Header("a", bytes("1")),
                  new Header("A", new byte[0]),
                  new Header("a", null),
                  Header.of("ü", "ß")));
      List<Sent> sent =
          List.of(
              new Sent(0, null, new byte[] {-1, 0, 1}, headers),
              new Sent(1, new byte[0], new byte[0], Headers.empty()),
              new Sent(2, new byte[] {(byte) 0xff}, null, Headers.empty()));
      bench.sink(topic).append(sent);
      assertThat(sent).allMatch(one -> one.await().kind() == null);
      try (Source reader = bench.driver.openReader(topic)) {
        Told told = readAll(bench, reader, topic, 1);
        List<SourceRecord> got = told.of("0");
        assertThat(got).hasSize(3);
        for (int i = 0; i < 3; i++) {
          assertThat(got.get(i).key()).isEqualTo(sent.get(i).key());
          assertThat(got.get(i).payload()).isEqualTo(sent.get(i).payload());
          assertThat(got.get(i).headers()).isEqualTo(sent.get(i).headers());
          assertThat(got.get(i).position()).isEqualTo(sent.get(i).position());
          assertThat(Position.parse(got.get(i).position().toString()))
              .isEqualTo(got.get(i).position());
          assertThat(got.get(i).timestamp())
              .isBetween(Instant.now().minusSeconds(60), Instant.now());
        }
      }
    }
  }

  private static Told readAll(KafkaBench bench, Source reader, String topic, int partitions) {
    Told told = new Told(null);
    Map<String, Place> asked = new HashMap<>();
    for (int i = 0; i < partitions; i++) {
      asked.put(Integer.toString(i), Place.Latest.INSTANCE);
    }
    Map<String, Place> ends = await(bench.driver.admin().locate(topic, asked));
    List<Lane> lanes = new ArrayList<>();
    asked.keySet().forEach(name -> lanes.add(new Lane(name, 1, name.equals("0"))));
    lanes.forEach(lane -> reader.read(lane, Place.Origin.INSTANCE));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!lanes.stream()
        .allMatch(l -> reader.hasReached(l, requireNonNull(ends.get(l.name()))))) {
      assertThat(System.nanoTime()).as("end reached; %s of %s", told, ends).isLessThan(deadline);
      reader.poll(Duration.ofMillis(100), told);
    }
    return told;
  }

  @Test
  void anAbsentTopicIsToldAtOnce() {
    try (KafkaBench bench = bench(Map.of())) {
      long start = System.nanoTime();
      for (Runnable open :
          List.<Runnable>of(
              () -> bench.sink("absent"),
              () -> bench.member("absent", "g"),
              () -> bench.driver.openReader("absent"),
              () ->
                  await(bench.driver.admin().locate("absent", Map.of("0", Place.Latest.INSTANCE))),
              () -> await(bench.driver.admin().deleteTopic("absent")))) {
        assertKind(ErrorKind.TOPIC_NOT_FOUND, open);
      }
      assertThat(await(bench.driver.admin().describeTopic("absent"))).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void anUnreachableBrokerIsToldWithinTheRequestTimeout() {
    for (String address : List.of("127.0.0.1:1", "no-such-host.invalid:9092")) {
      long start = System.nanoTime();
      assertKind(
          ErrorKind.UNAVAILABLE,
          () -> {
            try (KafkaBench bench = new KafkaBench(address, Duration.ofSeconds(2), Map.of())) {
              bench.sink("any");
            }
          });
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  private static void assertKind(ErrorKind kind, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aNewGroupReadsNothingUntilToldAndKeepsItsCursor(String protocol) {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(3);
      bench.send(topic, 30);
      Member one = bench.member(topic, "g");
      one.until("3 lanes", () -> one.told.lanes.size() == 3);
      assertThat(one.told.lanes.values()).containsOnlyNulls();
      assertThat(one.told.lanes.keySet().stream().filter(Lane::anchor).map(Lane::name))
          .containsExactly("0");
      for (int i = 0; i < 10; i++) {
        one.source.poll(Duration.ofMillis(20), one.told);
      }
      assertThat(one.told.count()).isZero();
      one.told.lanes.keySet().forEach(l -> one.source.read(l, Place.Origin.INSTANCE));
      one.until("30 records", () -> one.told.count() == 30);

      byte[] state = {0, 1, 2, 3, -1};
      List<LaneCommit> commits = new ArrayList<>();
      for (Lane lane : one.told.lanes.keySet()) {
        List<SourceRecord> records = one.told.of(lane.name());
        Place place =
            records.isEmpty()
                ? Place.Origin.INSTANCE
                : new Place.After(records.get(records.size() - 1).position());
        commits.add(new LaneCommit(lane, new StoredCursor(place, state), List.of(), false));
      }
      var outcome = one.source.commit(commits).toCompletableFuture();
      one.until("committed", outcome::isDone);
      assertThat(outcome.join().values())
          .hasSize(3)
          .allMatch(CommitOutcome.Stored.class::isInstance);
      one.source.close();
      one.source.close();

      Member two = bench.member(topic, "g");
      two.until("3 lanes", () -> two.told.lanes.size() == 3);
      two.told.lanes.forEach(
          (lane, cursor) -> {
            assertThat(cursor).isNotNull();
            assertThat(cursor.state()).isEqualTo(state);
            two.source.read(lane, cursor.place());
          });
      bench.send(topic, 5);
      two.until("5 records", () -> two.told.count() == 5);
    }
  }

  /** Polls both, each on a thread of its own, until it is so for the second. */
  private static void together(Member one, Member two, String what, Supplier<Boolean> condition)
      throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> first =
        CompletableFuture.runAsync(() -> one.until("the other is ready", done::isDone));
    two.until(what, condition);
    done.complete(null);
    first.get(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void lanesMoveDrainedAndCommitted(String protocol) throws Exception {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(4);
      bench.send(topic, 40);
      Member one = bench.member(topic, "g");
      one.until("4 lanes", () -> one.told.lanes.size() == 4);
      for (Lane lane : List.copyOf(one.told.lanes.keySet())) {
        Place place = new Place.At(Position.of("kafka", topic, lane.name(), null, 2));
        one.told.next.put(lane.name(), new StoredCursor(place, bytes(lane.name())));
        one.source.read(lane, Place.Origin.INSTANCE);
      }
      List<Lane> before = List.copyOf(one.told.lanes.keySet());
      Member two = bench.member(topic, "g");
      together(one, two, "2 lanes", () -> two.told.lanes.size() == 2);
      assertThat(one.told.lost).isEmpty();
      assertThat(one.told.released).hasSize(2);
      assertThat(one.told.lastCommits).hasSize(2).allMatch(CommitOutcome.Stored.class::isInstance);
      two.told.lanes.forEach(
          (lane, cursor) -> {
            assertThat(cursor).isNotNull();
            assertThat(cursor.state()).isEqualTo(bytes(lane.name()));
          });
      // what is another's now can't be written any more
      Lane gone = one.told.released.get(0);
      assertThat(before).contains(gone);
      var late =
          await(
              one.source.commit(
                  List.of(
                      new LaneCommit(
                          gone,
                          new StoredCursor(Place.Origin.INSTANCE, new byte[0]),
                          List.of(),
                          false))));
      assertThat(late.get(gone))
          .isInstanceOfSatisfying(
              CommitOutcome.Failed.class,
              f -> assertThat(f.cause().kind()).isEqualTo(ErrorKind.FENCED));
      // and leaving gives the rest to the other at once
      long start = System.nanoTime();
      one.source.close();
      two.until("4 lanes", () -> two.told.lanes.size() == 4);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2900));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aLaneThatIsNotReleasedInTimeIsLost(String protocol) throws Exception {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(2);
      Member one = bench.member(topic, "g");
      one.until("2 lanes", () -> one.told.lanes.size() == 2);
      one.told.stuck = true;
      Member two = bench.member(topic, "g");
      together(one, two, "1 lane", () -> two.told.lanes.size() == 1);
      assertThat(one.told.lost).hasSize(1);
      assertThat(one.told.lanes).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aStaticMemberLeavesAtOnceToo(String protocol) {
    Map<String, String> settings =
        protocol.equals("classic")
            ? Map.of("session.timeout.ms", "20000", "heartbeat.interval.ms", "300")
            : Map.of("group.protocol", "consumer");
    Map<String, String> one = new HashMap<>(settings);
    one.put("group.instance.id", "one");
    Map<String, String> two = new HashMap<>(settings);
    two.put("group.instance.id", "two");
    try (KafkaBench first = bench(one);
        KafkaBench second = bench(two)) {
      String topic = first.topic(2);
      Member a = first.member(topic, "g");
      a.until("2 lanes", () -> a.told.lanes.size() == 2);
      a.source.close();
      long start = System.nanoTime();
      Member b = second.member(topic, "g");
      b.until("2 lanes", () -> b.told.lanes.size() == 2);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2900));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aPlaceBelowTheLogIsTold(String protocol) throws Exception {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(1);
      List<Sent> sent = bench.send(topic, 20);
      Admin admin = bench.driver.unwrap(Admin.class).orElseThrow();
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(7)))
          .all()
          .get();
      Member one = bench.member(topic, "g");
      one.until("a lane", () -> one.told.lanes.size() == 1);
      Lane lane = one.told.lane("0");
      one.source.read(lane, new Place.At(sent.get(3).position()));
      one.until("removed", () -> one.told.removed.containsKey(lane));
      assertThat(one.told.count()).isZero();
      assertThat(requireNonNull(one.told.removed.get(lane)).earliest())
          .isEqualTo(new Place.At(sent.get(7).position()));
      assertThat(requireNonNull(one.told.removed.get(lane)).first())
          .isEqualTo(sent.get(7).position());
      // stands still until told where to go on
      one.source.poll(Duration.ofMillis(200), one.told);
      assertThat(one.told.count()).isZero();
      one.source.read(lane, requireNonNull(one.told.removed.get(lane)).earliest());
      one.until("13 records", () -> one.told.count() == 13);
      assertThat(one.told.of("0").get(0).position()).isEqualTo(sent.get(7).position());

      // beyond the end, and in a former topic of that name: as well
      for (Position strange :
          List.of(
              Position.of("kafka", topic, "0", null, 1000),
              Position.of("kafka", topic, "0", "AAAAAAAAAAAAAAAAAAAAAA", 9))) {
        one.told.removed.clear();
        one.source.read(lane, new Place.At(strange));
        assertThat(one.source.hasReached(lane, new Place.After(sent.get(19).position()))).isFalse();
        one.until("removed", () -> one.told.removed.containsKey(lane));
        assertThat(one.source.hasReached(lane, new Place.After(sent.get(19).position()))).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void anEndOfBeforeIsReachedFromTheEndOfNow(String protocol) {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(1);
      List<Sent> sent = bench.send(topic, 20);
      Member one = bench.member(topic, "g");
      one.until("a lane", () -> one.told.lanes.size() == 1);
      Lane lane = one.told.lane("0");
      one.source.read(lane, new Place.After(sent.get(19).position()));
      Place before = new Place.At(sent.get(10).position());
      one.until("reached", () -> one.source.hasReached(lane, before));
      assertThat(one.told.count()).isZero();
      assertThat(one.told.removed).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aWakeupEndsAWaitAndNothingElse(String protocol) throws Exception {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(1);
      Member one = bench.member(topic, "g");
      one.until("a lane", () -> one.told.lanes.size() == 1);
      Lane lane = one.told.lane("0");
      long start = System.nanoTime();
      Thread waker = new Thread(() -> one.source.wakeup());
      one.source.poll(Duration.ZERO, one.told);
      waker.start();
      one.source.poll(Duration.ofSeconds(20), one.told);
      waker.join();
      one.source.wakeup(); // before the wait: ends it at once
      one.source.poll(Duration.ofSeconds(20), one.told);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      // hammered from another thread, commits still work and no record is lost
      bench.send(topic, 100);
      one.source.read(lane, Place.Origin.INSTANCE);
      AtomicBoolean stop = new AtomicBoolean();
      Thread hammer =
          new Thread(
              () -> {
                while (!stop.get()) {
                  one.source.wakeup();
                  Thread.onSpinWait();
                }
              });
      hammer.start();
      try {
        one.until("100 records", () -> one.told.count() == 100);
        for (int i = 0; i < 50; i++) {
          Place place = new Place.After(one.told.of("0").get(i).position());
          var outcome =
              one.source
                  .commit(
                      List.of(
                          new LaneCommit(
                              lane, new StoredCursor(place, new byte[0]), List.of(), false)))
                  .toCompletableFuture();
          one.until("committed", outcome::isDone);
          assertThat(outcome.join().get(lane)).isInstanceOf(CommitOutcome.Stored.class);
          assertThat(one.source.hasReached(lane, place)).isTrue();
        }
      } finally {
        stop.set(true);
        hammer.join();
      }
    }
  }

  @Test
  void aTailOfAbortedRecordsIsReached() {
    try (KafkaBench bench = bench(Map.of())) {
      String topic = bench.topic(1);
      bench.send(topic, 5);
      Map<String, Object> settings =
          Map.of(
              "bootstrap.servers",
              broker.address(),
              "transactional.id",
              topic,
              "key.serializer",
              ByteArraySerializer.class,
              "value.serializer",
              ByteArraySerializer.class);
      try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < 3; i++) {
          var unused = producer.send(new ProducerRecord<>(topic, bytes("aborted")));
        }
        producer.flush();
        producer.abortTransaction();
      }
      try (Source reader = bench.driver.openReader(topic)) {
        assertThat(readAll(bench, reader, topic, 1).count()).isEqualTo(5);
      }
      String empty = bench.topic(2);
      try (Source reader = bench.driver.openReader(empty)) {
        assertThat(readAll(bench, reader, empty, 2).count()).isZero();
      }
    }
  }

  @Test
  void placesAreFound() {
    try (KafkaBench bench = bench(Map.of())) {
      String topic = bench.topic(1);
      List<Sent> sent = bench.send(topic, 10);
      var admin = bench.driver.admin();
      assertThat(await(admin.locate(topic, Map.of("0", Place.Earliest.INSTANCE))))
          .containsEntry("0", new Place.At(sent.get(0).position()));
      Position end = sent.get(9).position();
      Place behind =
          new Place.At(Position.of("kafka", topic, "0", end.incarnation(), end.word(0) + 1));
      assertThat(await(admin.locate(topic, Map.of("0", Place.Latest.INSTANCE))))
          .containsEntry("0", behind);
      assertThat(
              await(
                  admin.locate(topic, Map.of("0", new Place.Since(Instant.now().plusSeconds(60))))))
          .containsEntry("0", behind);
      assertThat(await(admin.locate(topic, Map.of("0", new Place.Since(Instant.EPOCH)))))
          .containsEntry("0", new Place.At(sent.get(0).position()));
      assertKind(
          ErrorKind.INVALID, () -> await(admin.locate(topic, Map.of("1", Place.Latest.INSTANCE))));
      assertKind(
          ErrorKind.INVALID, () -> await(admin.locate(topic, Map.of("x", Place.Latest.INSTANCE))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void groupsAreAdministered(String protocol) {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(2);
      List<Sent> sent = bench.send(topic, 10);
      var admin = bench.driver.admin();
      assertThat(await(admin.describeGroup(topic, "g"))).isEmpty();
      Member one = bench.member(topic, "g");
      one.until("2 lanes", () -> one.told.lanes.size() == 2);
      Map<String, StoredCursor> cursors =
          Map.of(
              "0", new StoredCursor(Place.Origin.INSTANCE, bytes("s")),
              "1", new StoredCursor(Place.Origin.INSTANCE, new byte[0]));
      assertKind(ErrorKind.GROUP_ACTIVE, () -> await(admin.writeCursors(topic, "g", cursors)));
      assertKind(ErrorKind.GROUP_ACTIVE, () -> await(admin.deleteGroup(topic, "g")));
      var live = await(admin.describeGroup(topic, "g")).orElseThrow();
      assertThat(live.members()).hasSize(1);
      assertThat(live.members().get(0).partitions()).containsExactlyInAnyOrder("0", "1");
      assertThat(live.lanes()).isEmpty();
      one.source.close();
      await(admin.writeCursors(topic, "g", cursors));
      assertThat(await(admin.listGroups(topic))).containsExactly("g");
      var stored = await(admin.describeGroup(topic, "g")).orElseThrow();
      assertThat(stored.members()).isEmpty();
      assertThat(stored.lanes()).containsOnlyKeys("0", "1");
      assertThat(requireNonNull(stored.lanes().get("0")).cursor().state()).isEqualTo(bytes("s"));
      assertThat(requireNonNull(stored.lanes().get("0")).anchor()).isTrue();
      assertThat(stored.lanes().values().stream().mapToLong(l -> l.backlog()).sum())
          .isEqualTo(sent.size());
      await(admin.deleteGroup(topic, "g"));
      assertThat(await(admin.listGroups(topic))).isEmpty();
      assertThat(await(admin.describeGroup(topic, "g"))).isEmpty();
      assertKind(ErrorKind.GROUP_NOT_FOUND, () -> await(admin.deleteGroup(topic, "g")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aMemberOfOneTopicStandsInNobodysWayOnAnother(String protocol) {
    try (KafkaBench bench = benchOf(protocol)) {
      String topic = bench.topic(1);
      String other = bench.topic(1);
      var admin = bench.driver.admin();
      Member live = bench.member(other, "g");
      live.until("1 lane", () -> live.told.lanes.size() == 1);
      Map<String, StoredCursor> cursors =
          Map.of("0", new StoredCursor(Place.Origin.INSTANCE, bytes("s")));
      await(admin.writeCursors(topic, "g", cursors));
      assertThat(await(admin.listGroups(topic))).containsExactly("g");
      assertThat(await(admin.describeGroup(topic, "g")).orElseThrow().members()).isEmpty();
      assertThat(await(admin.describeGroup(other, "g")).orElseThrow().members()).hasSize(1);
      await(admin.deleteGroup(topic, "g"));
      assertThat(await(admin.describeGroup(other, "g"))).isPresent();
    }
  }

  @Test
  void topicsAreAdministered() {
    try (KafkaBench bench = bench(Map.of("topic.config.retention.ms", "3600000"))) {
      var admin = bench.driver.admin();
      String topic = bench.topic(2);
      assertKind(ErrorKind.ALREADY_EXISTS, () -> await(admin.createTopic(topic, 2)));
      assertThat(await(admin.listTopics())).contains(topic);
      var first = await(admin.describeTopic(topic)).orElseThrow();
      assertThat(first.partitions()).containsExactly("0", "1");
      await(admin.growTopic(topic, 3));
      assertThat(await(admin.describeTopic(topic)).orElseThrow().partitions()).hasSize(3);
      assertKind(ErrorKind.INVALID, () -> await(admin.growTopic(topic, 1)));
      assertKind(ErrorKind.INVALID, () -> await(admin.createTopic("x-" + topic, 0)));
      await(admin.deleteTopic(topic));
      await(admin.createTopic(topic, 1));
      assertThat(await(admin.describeTopic(topic)).orElseThrow().incarnation())
          .isNotEqualTo(first.incarnation());
    }
  }

  @Test
  void theDeclaredLimitIsStoredAndMoreIsRefusedBeforeItIsSent() {
    try (KafkaBench bench = bench(Map.of())) {
      String topic = bench.topic(1);
      int limit = bench.driver.limits().maxMessageBytes();
      assertThat(limit).isBetween(1_000_000, 1 << 20);
      Sink sink = bench.sink(topic);
      Sent fits = new Sent(0, null, new byte[limit], Headers.empty());
      Sent tooLarge = new Sent(1, null, new byte[2 << 20], Headers.empty());
      Sent behind = new Sent(2, null, new byte[1], Headers.empty());
      sink.append(List.of(fits, tooLarge, behind));
      assertThat(fits.await().kind()).isNull();
      assertThat(tooLarge.await().kind()).isEqualTo(ErrorKind.TOO_LARGE);
      assertThat(tooLarge.await().maybeStored()).isFalse();
      assertThat(behind.await().kind()).isNull();
    }
  }

  @Test
  void aTopicWithASmallerLimitRefusesBeforeItIsSent() {
    try (KafkaBench bench = bench(Map.of("topic.config.max.message.bytes", "10000"))) {
      Sent tooLarge = new Sent(1, null, new byte[20_000], Headers.empty());
      bench.sink(bench.topic(1)).append(List.of(tooLarge));
      assertThat(tooLarge.await().kind()).isEqualTo(ErrorKind.TOO_LARGE);
      assertThat(tooLarge.await().maybeStored()).isFalse();
    }
  }

  @Test
  void closingASinkFailsWhatIsUndecided() {
    try (KafkaBench bench = bench(Map.of("linger.ms", "5000"))) {
      Sink sink = bench.sink(bench.topic(1));
      Sent held = new Sent("held back");
      sink.append(List.of(held));
      sink.close();
      sink.close();
      assertThat(held.await().kind()).isEqualTo(ErrorKind.CLOSED);
      Sent late = new Sent("late");
      sink.append(List.of(late));
      assertThat(late.await().kind()).isEqualTo(ErrorKind.CLOSED);
      assertThat(late.await().maybeStored()).isFalse();
    }
  }

  @Test
  void aDrainLimitThatTheBrokerWontWaitForIsRefused() {
    try (KafkaBench bench = bench(Map.of("max.poll.interval.ms", "1500"))) {
      String topic = bench.topic(1);
      assertThatThrownBy(() -> bench.member(topic, "g"))
          .isInstanceOf(DriverException.class)
          .hasMessageContaining("2000 ms")
          .hasMessageContaining("max.poll.interval.ms=1500")
          .hasMessageContaining("8000");
    }
  }
}
