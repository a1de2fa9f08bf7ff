package dev.isostream.memory;

import static dev.isostream.memory.Fixture.assertFails;
import static dev.isostream.memory.Fixture.connection;
import static dev.isostream.memory.Fixture.join;
import static dev.isostream.memory.Fixture.lane;
import static dev.isostream.memory.Fixture.member;
import static dev.isostream.memory.Fixture.records;
import static dev.isostream.memory.Fixture.sink;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.memory.MemoryBroker.Unanswered;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.Source;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A broker that fails as real ones do. */
class MemoryFaultsTest {

  private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(10);

  private final Fixture fixture = new Fixture();
  private final MemoryBroker broker = fixture.broker;
  private final MemoryDriver driver = fixture.driver();

  @BeforeEach
  void createTopic() {
    join(driver.admin().createTopic("orders", 2));
  }

  private List<String> stored() {
    return IntStream.range(0, 2)
        .boxed()
        .flatMap(p -> broker.stored("orders", "" + p).stream())
        .map(Told::text)
        .toList();
  }

  private static void assertAllStored(List<Sent> sent) {
    assertThat(sent).allMatch(Sent::isStored);
    assertThat(sent.stream().map(s -> s.position().toString()).distinct()).hasSize(sent.size());
  }

  @Test
  void aLostReplyIsAskedForAgainAndNothingStoredTwice() {
    Sink sink = sink(driver, "orders");
    broker.dropReplies(3);
    List<Sent> sent = records("k", 5);
    List<Sent> keyless = List.of(Sent.of(null, "n0", 5), Sent.of(null, "n1", 6));
    sink.append(sent);
    sink.append(keyless);

    assertAllStored(sent);
    assertAllStored(keyless);
    assertThat(stored())
        .containsExactlyInAnyOrder("m0", "m1", "m2", "m3", "m4", "n0", "n1")
        .containsSubsequence("m0", "m1", "m2", "m3", "m4");
  }

  @Test
  void aConnectionThatHearsNothingIsHeardAndStoresNothingTwice() {
    Sink sink = sink(driver, "orders");
    GroupSource member = member(driver, "orders", "g", "a");
    Told told = new Told(member).poll(member);
    Lane lane = told.owned.iterator().next();
    connection(driver).loseReplies();
    List<Sent> sent = records("k", 3);
    sent.forEach(one -> sink.append(List.of(one)));
    CompletableFuture<?> commit = member.commit(List.of(commit(lane, 1))).toCompletableFuture();
    for (int i = 0; i < 5; i++) {
      fixture.clock.pass(Duration.ofSeconds(1));
      told.poll(member);
    }

    assertThat(stored()).containsExactly("m0", "m1", "m2");
    assertThat(sent).noneMatch(Sent::isDecided);
    assertThat(told.records).isEmpty();
    assertThat(commit).isCompletedExceptionally();
    MemoryDriver other = fixture.driver();
    var info = join(other.admin().describeGroup("orders", "g")).orElseThrow();
    assertThat(info.members()).hasSize(1);
    assertThat(info.lanes()).containsOnlyKeys(lane.name());

    connection(driver).heal();
    assertAllStored(sent);
    assertThat(stored()).hasSize(3);
    told.poll(member);
    assertThat(told.lost).isEmpty();
    assertThat(told.records).hasSize(3);
  }

  @Test
  void whatAStalledBrokerWasSentIsStoredWhenItGoesOn() {
    Sink sink = sink(driver, "orders");
    broker.stall();
    List<Sent> sent = records("k", 3);
    sent.forEach(one -> sink.append(List.of(one)));
    assertThat(sent).noneMatch(Sent::isDecided);
    assertThat(stored()).isEmpty();

    broker.resume();
    assertAllStored(sent);
    assertThat(stored()).containsExactly("m0", "m1", "m2");
  }

  @Test
  void aCrashMayStoreOrLoseWhatWasNotConfirmedAndEachIsStoredOnce() {
    for (Unanswered unanswered : Unanswered.values()) {
      Sink sink = sink(driver, "orders");
      broker.stall();
      List<Sent> sent = records("k", 3);
      sent.forEach(one -> sink.append(List.of(one)));
      int before = stored().size();
      broker.crash(unanswered);
      assertThat(stored()).hasSize(before + (unanswered == Unanswered.DONE ? 3 : 0));
      assertThat(sent).noneMatch(Sent::isDecided);

      broker.restart();
      assertAllStored(sent);
      assertThat(stored()).hasSize(before + 3);
      sink.close();
    }
  }

  @Test
  void sendsInADeadBrokerGoOnInOrderWhenItIsBack() {
    Sink sink = sink(driver, "orders");
    broker.crash(Unanswered.LOST);
    List<Sent> sent = records("k", 3);
    sent.forEach(one -> sink.append(List.of(one)));
    assertThat(sent).noneMatch(Sent::isDecided);
    broker.restart();

    assertAllStored(sent);
    assertThat(stored()).containsExactly("m0", "m1", "m2");
  }

  @Test
  void aSendThatWaitsTooLongFailsAndSaysWhetherItWasSent() {
    Sink sink = sink(driver, "orders");
    broker.crash(Unanswered.LOST);
    Sent unsent = Sent.of("k", "unsent", 0);
    sink.append(List.of(unsent));
    fixture.clock.pass(DELIVERY_TIMEOUT.plusMillis(1));
    sink.hurry();
    broker.restart();
    broker.stall();
    Sent unanswered = Sent.of("k", "unanswered", 1);
    sink.append(List.of(unanswered));
    fixture.clock.pass(DELIVERY_TIMEOUT.plusMillis(1));
    sink.hurry();
    broker.resume();

    assertThat(unsent.failure()).isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(unsent.isMaybeStored()).isFalse();
    assertThat(unanswered.failure()).isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(unanswered.isMaybeStored()).isTrue();
    assertThat(stored()).isEmpty();
  }

  @Test
  void closingFailsWhatIsUndecided() {
    Sink sink = sink(driver, "orders");
    broker.stall();
    Sent sent = Sent.of("k", "x", 0);
    sink.append(List.of(sent));
    sink.close();
    Sent late = Sent.of("k", "y", 1);
    sink.append(List.of(late));

    assertThat(sent.failure()).isEqualTo(ErrorKind.CLOSED);
    assertThat(sent.isMaybeStored()).isTrue();
    assertThat(late.failure()).isEqualTo(ErrorKind.CLOSED);
    assertThat(late.isMaybeStored()).isFalse();
  }

  @Test
  void aDeadBrokerRefusesEverythingAndKeepsWhatItHas() {
    sink(driver, "orders").append(records("k", 3));
    Source source = driver.openReader("orders");
    source.read(lane("0"), Place.Origin.INSTANCE);
    source.read(lane("1"), Place.Origin.INSTANCE);
    Told told = new Told(null);
    GroupSource member = member(driver, "orders", "g", "a");
    Told of = new Told(member).poll(member);
    broker.crash(Unanswered.LOST);

    assertFails(ErrorKind.UNAVAILABLE, () -> told.poll(source));
    assertFails(ErrorKind.UNAVAILABLE, () -> of.poll(member));
    assertFails(ErrorKind.UNAVAILABLE, () -> sink(driver, "orders"));
    assertFails(ErrorKind.UNAVAILABLE, () -> join(driver.admin().listTopics()));
    fixture.clock.pass(Duration.ofMinutes(1));
    broker.restart();

    assertThat(told.poll(source).records).hasSize(3);
    assertThat(of.poll(member).lost).isEmpty();
    assertThat(join(driver.admin().describeGroup("orders", "g")).orElseThrow().members())
        .hasSize(1);
  }

  @Test
  void aStalledBrokerDoesNotAnswerInTime() {
    GroupSource member = member(driver, "orders", "g", "a");
    Told told = new Told(member).poll(member);
    broker.stall();

    told.poll(member);
    assertFails(ErrorKind.UNAVAILABLE, () -> sink(driver, "orders"));
    CompletableFuture<?> asked = driver.admin().listTopics().toCompletableFuture();
    assertThat(asked).isNotDone();
    fixture.clock.pass(Duration.ofMillis(201));
    told.poll(member);
    assertThat(asked).isCompletedExceptionally();

    CompletableFuture<?> later = driver.admin().listTopics().toCompletableFuture();
    broker.resume();
    assertThat(later).isCompleted();
  }

  @Test
  void aCommitWithoutAnswerMayHaveBeenDone() {
    GroupSource member = member(driver, "orders", "g", "a");
    Told told = new Told(member).poll(member);
    Lane lane = told.owned.iterator().next();
    broker.stall();
    CompletableFuture<?> commit = member.commit(List.of(commit(lane, 1))).toCompletableFuture();
    assertThat(commit).isNotDone();
    broker.crash(Unanswered.DONE);
    assertThat(commit).isCompletedExceptionally();
    broker.restart();

    var info = join(driver.admin().describeGroup("orders", "g")).orElseThrow();
    assertThat(info.lanes()).containsOnlyKeys(lane.name());
  }

  private static LaneCommit commit(Lane lane, int state) {
    StoredCursor cursor = new StoredCursor(Place.Origin.INSTANCE, new byte[] {(byte) state});
    return new LaneCommit(lane, cursor, List.of(), false);
  }

  @Test
  void aMemberThatWasCutOffIsReplacedAndHarmless() {
    MemoryDriver other = fixture.driver();
    GroupSource first = member(driver, "orders", "g", "a");
    Told one = new Told(first).poll(first);
    List<Lane> had = List.copyOf(one.owned);
    connection(driver).cut();
    assertFails(ErrorKind.UNAVAILABLE, () -> one.poll(first));
    GroupSource second = member(other, "orders", "g", "b");
    fixture.clock.pass(Duration.ofMillis(3001));
    Told two = new Told(second).poll(second);
    assertThat(two.owned).hasSize(2);

    connection(driver).heal();
    for (Lane lane : had) {
      Map<Lane, CommitOutcome> outcome = join(first.commit(List.of(commit(lane, 9))));
      assertThat(outcome.get(lane)).isInstanceOf(CommitOutcome.Failed.class);
    }
    one.poll(first);
    assertThat(one.lost).containsExactlyInAnyOrderElementsOf(had);
    assertThat(join(driver.admin().describeGroup("orders", "g"))).isPresent();
  }

  @Test
  void aStalledConnectionIsSilentAlone() {
    MemoryDriver other = fixture.driver();
    GroupSource first = member(driver, "orders", "g", "a");
    Told one = new Told(first).poll(first);
    Lane lane = one.owned.iterator().next();
    connection(driver).stall();
    CompletableFuture<Map<Lane, CommitOutcome>> late =
        first.commit(List.of(commit(lane, 9))).toCompletableFuture();
    one.poll(first);
    GroupSource second = member(other, "orders", "g", "b");
    fixture.clock.pass(Duration.ofMillis(150));
    assertThat(late).isNotDone();
    List<Sent> sent = records("k", 1);
    sink(other, "orders").append(sent);
    assertAllStored(sent);
    second.close();
    connection(driver).heal();

    assertThat(late.join().get(lane)).isInstanceOf(CommitOutcome.Stored.class);
    connection(driver).stall();
    CompletableFuture<?> tooLate = first.commit(List.of(commit(lane, 9))).toCompletableFuture();
    fixture.clock.pass(Duration.ofSeconds(4));
    connection(driver).heal();
    assertThat(tooLate).isCompletedExceptionally();
  }

  @Test
  void lanesGivenBackWhileTheBrokerWasAwayAreGivenBackLater() {
    MemoryDriver other = fixture.driver();
    GroupSource first = member(driver, "orders", "g", "a");
    Told one = new Told(first).poll(first);
    GroupSource second = member(other, "orders", "g", "b");
    one.poll(first);
    connection(driver).cut();
    one.revoking.forEach(first::release);
    connection(driver).heal();
    one.poll(first);

    assertThat(new Told(second).poll(second).owned).hasSize(1);
    assertThat(one.lost).isEmpty();
  }

  @Test
  void aKilledConnectionIsClosedForItsOwnerAndLiveForTheOthers() {
    MemoryDriver other = fixture.driver();
    GroupSource first = member(driver, "orders", "g", "a");
    Told one = new Told(first).poll(first);
    Sink sink = sink(driver, "orders");
    broker.stall();
    Sent sent = Sent.of("k", "x", 0);
    sink.append(List.of(sent));
    connection(driver).kill();
    broker.resume();

    assertThat(sent.failure()).isEqualTo(ErrorKind.CLOSED);
    assertThat(sent.isMaybeStored()).isTrue();
    assertFails(ErrorKind.CLOSED, () -> one.poll(first));
    first.close();
    assertThat(join(other.admin().describeGroup("orders", "g")).orElseThrow().members()).hasSize(1);
    assertThat(broker.connections()).containsExactly(connection(other));
  }

  @Test
  void credentialsAndPermissionsAreChecked() {
    broker.addUser("ann", "secret-1");
    MemoryDriver ann = fixture.driver("user", "ann", "password", "secret-1");
    MemoryDriver wrong = fixture.driver("user", "ann", "password", "secret-2");
    broker.forbid("ann", "orders");

    assertFails(ErrorKind.AUTHENTICATION, () -> sink(driver, "orders"));
    assertFails(ErrorKind.AUTHENTICATION, () -> join(wrong.admin().listTopics()));
    assertFails(ErrorKind.AUTHORIZATION, () -> sink(ann, "orders"));
    assertFails(ErrorKind.AUTHORIZATION, () -> ann.openReader("orders"));
    assertFails(ErrorKind.AUTHORIZATION, () -> member(ann, "orders", "g", "a"));
    assertFails(ErrorKind.AUTHORIZATION, () -> join(ann.admin().describeTopic("orders")));
    assertThat(join(ann.admin().listTopics())).isEmpty();
    broker.allow("ann", "orders");
    Sink sink = sink(ann, "orders");
    broker.forbid("ann", "orders");
    Sent sent = Sent.of("k", "x", 0);
    sink.append(List.of(sent));

    assertThat(sent.failure()).isEqualTo(ErrorKind.AUTHORIZATION);
    assertThat(sent.isMaybeStored()).isFalse();
    assertThat(connection(ann) + "" + broker + connection(ann).config()).doesNotContain("secret");
  }

  @Test
  void aBrokerThatWantsTlsRefusesWithItsOwnKind() {
    broker.requireSecureConnections(true);
    assertFails(ErrorKind.SECURE_CONNECTION, () -> sink(driver, "orders"));
    broker.requireSecureConnections(false);
    sink(driver, "orders").append(records("k", 1));
    assertThat(stored()).hasSize(1);
  }

  @Test
  void aNameStandsForOneBrokerUntilItIsRemoved() {
    MemoryBroker one = MemoryBroker.named("faults-test");
    assertThat(MemoryBroker.named("faults-test")).isSameAs(one);
    one.remove();
    MemoryBroker two = MemoryBroker.named("faults-test");
    assertThat(two).isNotSameAs(one);
    two.remove();
  }
}
