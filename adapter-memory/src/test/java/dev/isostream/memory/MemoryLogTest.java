package dev.isostream.memory;

import static dev.isostream.memory.Fixture.assertFails;
import static dev.isostream.memory.Fixture.join;
import static dev.isostream.memory.Fixture.lane;
import static dev.isostream.memory.Fixture.records;
import static dev.isostream.memory.Fixture.sink;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Appending, reading, places, retention. */
class MemoryLogTest {

  private final Fixture fixture = new Fixture();
  private final MemoryDriver driver = fixture.driver();
  private final Told told = new Told(null);

  @BeforeEach
  void createTopic() {
    join(driver.admin().createTopic("orders", 1));
  }

  @Test
  void whatIsAppendedIsReadInOrderAndByteForByte() {
    Headers headers = Headers.empty().with(Header.of("a", "1")).with(new Header("A", new byte[0]));
    Sent plain = Sent.of("k", "hello", 0);
    Sent bare = new Sent(null, null, headers, 1);
    Sent empty = new Sent(new byte[0], new byte[0], Headers.empty(), 2);
    sink(driver, "orders").append(List.of(plain, bare, empty));

    Source source = driver.openReader("orders");
    source.read(lane("0"), Place.Origin.INSTANCE);
    told.poll(source);

    assertThat(told.records).hasSize(3);
    assertThat(told.records.get(0).key()).isEqualTo("k".getBytes(UTF_8));
    assertThat(told.records.get(0).payload()).isEqualTo("hello".getBytes(UTF_8));
    assertThat(told.records.get(1).key()).isNull();
    assertThat(told.records.get(1).payload()).isNull();
    assertThat(told.records.get(1).headers()).isEqualTo(headers);
    assertThat(told.records.get(2).key()).isEmpty();
    assertThat(told.records.get(2).payload()).isEmpty();
    assertThat(told.records.get(2).position()).isEqualTo(empty.position());
    assertThat(empty.position().toString())
        .matches("memory:orders/0@2~[0-9a-f]{8}")
        .isEqualTo(Position.parse(empty.position().toString()).toString());
  }

  @Test
  void readersGetTheObjectThatWasStoredAndTheSenderMayUseItsArraysAgain() {
    byte[] payload = {1, 2, 3};
    sink(driver, "orders").append(List.of(new Sent(null, payload, Headers.empty(), 0)));
    payload[0] = 9;

    Told first = read(Place.Origin.INSTANCE);
    Told second = read(Place.Origin.INSTANCE);

    assertThat(first.records.get(0)).isSameAs(second.records.get(0));
    assertThat(first.records.get(0).payload()).containsExactly(1, 2, 3);
  }

  private Told read(Place from) {
    Told reading = new Told(null);
    try (Source source = driver.openReader("orders")) {
      source.read(lane("0"), from);
      reading.poll(source);
    }
    return reading;
  }

  @Test
  void readsAcrossSegmentsAtMostAsMuchAsOnePollMay() {
    sink(driver, "orders").append(records("k", 2500));
    Source source = driver.openReader("orders");
    source.read(lane("0"), Place.Origin.INSTANCE);

    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int before = told.records.size();
      sizes.add(told.poll(source).records.size() - before);
    }

    assertThat(sizes).containsExactly(1000, 1000, 500);
    assertThat(told.payloads()).startsWith("m0", "m1").endsWith("m2498", "m2499");
    assertThat(source.hasReached(lane("0"), latest())).isTrue();
  }

  private Place latest() {
    return locate(Place.Latest.INSTANCE);
  }

  private Place locate(Place place) {
    return Objects.requireNonNull(
        join(driver.admin().locate("orders", Map.of("0", place))).get("0"));
  }

  @Test
  void onePollTellsLaneAfterLane() {
    join(driver.admin().createTopic("wide", 3));
    Source source = driver.openReader("wide");
    for (int p = 0; p < 3; p++) {
      String partition = Integer.toString(p);
      for (int i = 0; i < 800; i++) {
        fixture.broker.append("wide", partition, null, new byte[0], Headers.empty());
      }
      source.read(lane(partition), Place.Origin.INSTANCE);
    }

    told.poll(source);
    assertThat(told.records).hasSize(1000);
    told.poll(source);
    assertThat(told.records).hasSize(2000);
    told.poll(source);

    assertThat(told.records).hasSize(2400);
    assertThat(told.records.stream().map(r -> r.position().toString()).distinct()).hasSize(2400);
  }

  @Test
  void aKeyHasOnePartitionAndMessagesWithoutKeyGoRound() {
    join(driver.admin().createTopic("wide", 8));
    Sink sink = sink(driver, "wide");
    Set<String> ofKey = new HashSet<>();
    Set<String> without = new HashSet<>();
    for (int i = 0; i < 16; i++) {
      Sent keyed = Sent.of("customer-1", "x", 2L * i);
      Sent keyless = Sent.of(null, "x", 2L * i + 1);
      sink.append(List.of(keyed));
      sink.append(List.of(keyless));
      ofKey.add(keyed.position().partition());
      without.add(keyless.position().partition());
    }

    assertThat(ofKey).hasSize(1);
    assertThat(without).hasSizeGreaterThan(3);
  }

  @Test
  void keysAreSpreadAsKafkaDoes() {
    // from Kafka's own tests of its murmur2
    assertThat(Partitioner.murmur2("21".getBytes(UTF_8))).isEqualTo(-973932308);
    assertThat(Partitioner.murmur2("foobar".getBytes(UTF_8))).isEqualTo(-790332482);
    assertThat(Partitioner.murmur2("a-little-bit-long-string".getBytes(UTF_8)))
        .isEqualTo(-985981536);
    assertThat(Partitioner.murmur2("abc".getBytes(UTF_8))).isEqualTo(479470107);
  }

  @Test
  void findsPlaces() {
    Instant start = fixture.clock.now();
    Sink sink = sink(driver, "orders");
    for (int i = 0; i < 3; i++) {
      sink.append(List.of(Sent.of("k", "m" + i, i)));
      fixture.clock.pass(Duration.ofSeconds(10));
    }

    assertThat(read(locate(Place.Earliest.INSTANCE)).payloads()).containsExactly("m0", "m1", "m2");
    assertThat(read(latest()).payloads()).isEmpty();
    assertThat(read(locate(new Place.Since(start.plusSeconds(10)))).payloads())
        .containsExactly("m1", "m2");
    assertThat(read(locate(new Place.Since(start.plusSeconds(11)))).payloads())
        .containsExactly("m2");
    assertThat(locate(new Place.Since(start.plusSeconds(21)))).isEqualTo(latest());
    Position second = read(Place.Origin.INSTANCE).records.get(1).position();
    assertThat(read(locate(new Place.At(second))).payloads()).containsExactly("m1", "m2");
    assertThat(read(locate(new Place.After(second))).payloads()).containsExactly("m2");
  }

  @Test
  void goesToAnotherPlaceAndDropsWhatWasNotTold() {
    sink(driver, "orders").append(records("k", 5));
    Source source = driver.openReader("orders");
    source.read(lane("0"), latest());
    told.poll(source);
    assertThat(told.records).isEmpty();

    source.read(lane("0"), Place.Origin.INSTANCE);
    assertThat(told.poll(source).payloads()).containsExactly("m0", "m1", "m2", "m3", "m4");
  }

  @Test
  void aPausedLaneKeepsItsPlace() {
    Sink sink = sink(driver, "orders");
    Source source = driver.openReader("orders");
    source.read(lane("0"), Place.Origin.INSTANCE);
    source.pause(lane("0"));
    sink.append(records("k", 2));
    assertThat(told.poll(source).records).isEmpty();
    assertThat(source.hasReached(lane("0"), latest())).isFalse();

    source.resume(lane("0"));
    assertThat(told.poll(source).payloads()).containsExactly("m0", "m1");
    assertThat(source.hasReached(lane("0"), latest())).isTrue();
  }

  @Test
  void tellsOfAPlaceThatWasTrimmedAndStandsStillThere() {
    sink(driver, "orders").append(records("k", 10));
    fixture.broker.trim("orders", "0", 4);
    Source source = driver.openReader("orders");
    Lane lane = lane("0");
    source.read(lane, Place.Origin.INSTANCE);

    told.poll(source).poll(source);
    assertThat(told.records).isEmpty();
    Position fourth = fixture.broker.stored("orders", "0").get(0).position();
    assertThat(fourth.word(0)).isEqualTo(4);
    assertThat(told.removed).containsEntry(lane, fourth);

    source.read(lane, new Place.At(fourth));
    assertThat(told.poll(source).payloads()).startsWith("m4").hasSize(6);
  }

  @Test
  void theFirstMessageLeftIsUnknownWhereNothingIsLeft() {
    sink(driver, "orders").append(records("k", 3));
    fixture.broker.trim("orders", "0", Long.MAX_VALUE);
    Source source = driver.openReader("orders");
    source.read(lane("0"), Place.Origin.INSTANCE);
    told.poll(source);

    assertThat(told.removed).containsEntry(lane("0"), null);
    assertThat(told.earliest).containsEntry(lane("0"), latest());
  }

  @Test
  void aPositionOfATopicMadeAnewIsRemoved() {
    sink(driver, "orders").append(records("k", 3));
    Position old = fixture.broker.stored("orders", "0").get(1).position();
    join(driver.admin().deleteTopic("orders"));
    join(driver.admin().createTopic("orders", 1));
    sink(driver, "orders").append(records("k", 3));

    Source source = driver.openReader("orders");
    source.read(lane("0"), new Place.At(old));
    told.poll(source);

    assertThat(told.records).isEmpty();
    assertThat(told.removed).containsKey(lane("0"));
  }

  @Test
  void aPositionBeyondTheEndOrOfSomethingElseIsNoPlace() {
    Position first = fixture.broker.append("orders", "0", null, null, Headers.empty());
    Source source = driver.openReader("orders");
    source.read(lane("0"), new Place.At(first.withWords(17)));
    assertThat(source.hasReached(lane("0"), latest())).isFalse();
    assertThat(told.poll(source).removed).containsKey(lane("0"));

    Position foreign = Position.parse("kafka:orders/0@1");
    assertFails(ErrorKind.INVALID, () -> source.read(lane("0"), new Place.At(foreign)));
    assertFails(ErrorKind.INVALID, () -> source.read(lane("7"), Place.Origin.INSTANCE));
    assertFails(ErrorKind.INVALID, () -> locate(new Place.At(foreign)));
  }

  @Test
  void retentionKeepsTheNewest() {
    MemoryDriver retaining = fixture.driver("retention.messages", "3");
    join(retaining.admin().createTopic("short", 1));
    sink(retaining, "short").append(records("k", 5000));

    assertThat(fixture.broker.stored("short", "0").stream().map(Told::text))
        .containsExactly("m4997", "m4998", "m4999");
  }

  @Test
  void timestampsNeverGoBack() {
    sink(driver, "orders").append(records("k", 1));
    fixture.clock.pass(Duration.ofSeconds(-5));
    sink(driver, "orders").append(records("k", 1));

    assertThat(fixture.broker.stored("orders", "0"))
        .extracting(record -> record.timestamp())
        .isSorted();
  }

  @Test
  void aMessageThatIsTooLargeFailsAlone() {
    MemoryDriver small = fixture.driver("max.message.bytes", "100");
    assertThat(small.limits().maxMessageBytes()).isEqualTo(100);
    byte[] large = new byte[100 + MemoryConfig.HEADROOM_BYTES + 1];
    Sent tooLarge = new Sent(null, large, Headers.empty(), 0);
    Sent next = Sent.of(null, "x", 1);
    sink(small, "orders").append(List.of(tooLarge, next));

    assertThat(tooLarge.failure()).isEqualTo(ErrorKind.TOO_LARGE);
    assertThat(tooLarge.isMaybeStored()).isFalse();
    assertThat(next.isStored()).isTrue();
  }

  @Test
  void whatIsAbsentIsToldSo() {
    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> sink(driver, "nothing"));
    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> driver.openReader("nothing"));
    assertFails(
        ErrorKind.TOPIC_NOT_FOUND, () -> Fixture.member(driver, "nothing", "group", "member"));
    Sink sink = sink(driver, "orders");
    Source source = driver.openReader("orders");
    source.read(lane("0"), Place.Origin.INSTANCE);
    join(driver.admin().deleteTopic("orders"));
    Sent late = Sent.of("k", "x", 0);
    sink.append(List.of(late));

    assertThat(late.failure()).isEqualTo(ErrorKind.TOPIC_NOT_FOUND);
    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> told.poll(source));
  }
}
