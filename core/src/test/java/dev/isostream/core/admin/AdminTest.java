package dev.isostream.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.AlreadyExistsException;
import dev.isostream.AuthorizationException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.ClosedException;
import dev.isostream.GroupActiveException;
import dev.isostream.GroupAdmin;
import dev.isostream.GroupNotFoundException;
import dev.isostream.InterruptedOperationException;
import dev.isostream.InvalidPositionException;
import dev.isostream.InvalidRequestException;
import dev.isostream.Ordering;
import dev.isostream.Position;
import dev.isostream.PositionRemovedException;
import dev.isostream.StartAt;
import dev.isostream.TopicNotFoundException;
import dev.isostream.core.SystemRuntime;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.CursorWriter;
import dev.isostream.engine.cursor.GroupRecord;
import dev.isostream.engine.errors.Errors;
import dev.isostream.spi.Admin;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminTest {

  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final GroupRecord RECORD =
      new GroupRecord(
          GroupRecord.Start.EARLIEST, 0, Set.of("0", "1"), Ordering.KEY, 5, "dead", null);

  private final FakeDriver driver = new FakeDriver();
  private final SystemRuntime runtime = new SystemRuntime();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Topics topics = new Topics(context(Duration.ofSeconds(20)), this::check);
  private final Groups groups = new Groups(context(Duration.ofSeconds(20)), "fake", this::check);

  private EngineContext context(Duration timeout) {
    return new EngineContext(driver, runtime, "test", timeout, List.of());
  }

  private void check() {
    if (closed.get()) {
      throw Errors.closed("Messaging");
    }
  }

  /** Topic t: partition 0 holds 5 to 9, partition 1 is empty; group g stands at 6 and 0. */
  @BeforeEach
  void oneTopicWithOneGroup() {
    topics.create("t", 2);
    FakeDriver.Log log = driver.log("t", "0");
    log.first = 5;
    for (int i = 5; i < 10; i++) {
      log.messages.add(T0.plusSeconds(i));
    }
    CursorWriter state = new CursorWriter(RECORD, 0).dense(6);
    state.settled(6);
    state.settled(8);
    cursors(
        new Admin.LaneInfo(
            new StoredCursor(new Place.At(driver.position("t", "0", 6)), state.toBytes()),
            true,
            4,
            true),
        new Admin.LaneInfo(
            new StoredCursor(Place.Origin.INSTANCE, new CursorWriter(null, 0).toBytes()),
            false,
            0,
            true));
  }

  private void cursors(Admin.LaneInfo first, Admin.LaneInfo second) {
    driver.groups.put("g", new Admin.GroupInfo(List.of(), Map.of("0", first, "1", second)));
  }

  @AfterEach
  void end() {
    runtime.close();
    assertThat(driver.openReaders).isZero();
  }

  @Test
  void topicsAreCreatedDescribedGrownListedAndDeleted() {
    topics.create("u", 1);
    assertThat(topics.describe("u").orElseThrow().partitions()).containsExactly("0");
    topics.grow("u", 3);
    assertThat(topics.describe("u").orElseThrow().partitions()).containsExactly("0", "1", "2");
    assertThat(topics.list()).containsExactlyInAnyOrder("t", "u");
    topics.delete("u");
    assertThat(topics.describe("u")).isEmpty();
  }

  @Test
  void topicFailuresHaveTheirClasses() {
    assertThatThrownBy(() -> topics.create("t", 1))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("creating topic \"t\"");
    assertThatThrownBy(() -> topics.delete("absent")).isInstanceOf(TopicNotFoundException.class);
    assertThatThrownBy(() -> topics.grow("absent", 2)).isInstanceOf(TopicNotFoundException.class);
    assertThatThrownBy(() -> topics.grow("t", 2))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("has 2 partitions");
    assertThatThrownBy(() -> topics.create("t", 0))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("was 0");
    assertThatThrownBy(() -> topics.create("a/b", 1))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("a/b");
    driver.failures.add(ErrorKind.AUTHORIZATION);
    assertThatThrownBy(() -> topics.list())
        .isInstanceOf(AuthorizationException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void questionsAreAskedAgainWhileTheBackendIsAwayChangesAreNot() {
    driver.failures.addAll(List.of(ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE));
    assertThat(topics.list()).containsExactly("t");
    driver.failures.add(ErrorKind.UNAVAILABLE);
    assertThatThrownBy(() -> topics.create("u", 1)).isInstanceOf(BrokerUnavailableException.class);
    assertThat(driver.calls.stream().filter("create"::equals)).hasSize(2);
  }

  @Test
  void noAnswerFailsWithinTheRequestTimeout() {
    driver.silent = true;
    Topics hasty = new Topics(context(Duration.ofMillis(100)), this::check);
    long start = runtime.nanoTime();
    assertThatThrownBy(hasty::list).isInstanceOf(BrokerUnavailableException.class);
    assertThat(runtime.nanoTime() - start).isBetween(100_000_000L, 10_000_000_000L);
  }

  @Test
  void anInterruptEndsTheWait() {
    driver.silent = true;
    Thread.currentThread().interrupt();
    assertThatThrownBy(topics::list).isInstanceOf(InterruptedOperationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void afterCloseNothingIsAsked() {
    closed.set(true);
    int before = driver.calls.size();
    assertThatThrownBy(topics::list).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> topics.create("u", 1)).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> groups.list("t")).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> groups.delete("t", "g")).isInstanceOf(ClosedException.class);
    assertThat(driver.calls).hasSize(before);
  }

  @Test
  void groupsAreListedAndDeleted() {
    assertThat(groups.list("t")).containsExactly("g");
    driver.member("g");
    assertThatThrownBy(() -> groups.delete("t", "g")).isInstanceOf(GroupActiveException.class);
    driver.groups.put("g", new Admin.GroupInfo(List.of(), Map.of()));
    groups.delete("t", "g");
    assertThat(groups.list("t")).isEmpty();
    assertThatThrownBy(() -> groups.delete("t", "g")).isInstanceOf(GroupNotFoundException.class);
    assertThatThrownBy(() -> groups.list("absent")).isInstanceOf(TopicNotFoundException.class);
    assertThat(groups.describe("t", "g")).isEmpty();
    assertThat(groups.describe("absent", "g")).isEmpty();
    assertThatThrownBy(() -> groups.describe("t", "x".repeat(101)))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void lagCountsWhatIsNotSettledAndAgesByTheFirstOfThese() {
    GroupAdmin.Description described = groups.describe("t", "g").orElseThrow();
    GroupAdmin.Lag lag = Objects.requireNonNull(described.partitions().get("0"));
    assertThat(lag.count()).hasValue(2);
    assertThat(lag.exact()).isTrue();
    Duration expected = Duration.between(T0.plusSeconds(7), runtime.now());
    assertThat(lag.age()).isBetween(expected.minusSeconds(60), expected);
    GroupAdmin.Lag empty = Objects.requireNonNull(described.partitions().get("1"));
    assertThat(empty).isEqualTo(new GroupAdmin.Lag(OptionalLong.of(0), true, null));
  }

  @Test
  void lagOfWhatIsNotKnownSaysSo() {
    FakeDriver.Log log = driver.log("t", "0");
    log.first = 8;
    log.messages.subList(0, 3).clear();
    topics.grow("t", 3);
    cursors(
        new Admin.LaneInfo(
            new StoredCursor(new Place.At(driver.position("t", "0", 6)), new byte[] {99, 1}),
            true,
            4,
            true),
        new Admin.LaneInfo(new StoredCursor(Place.Origin.INSTANCE, new byte[0]), false, -1, false));
    driver.failures.clear();
    GroupAdmin.Description described = groups.describe("t", "g").orElseThrow();
    GroupAdmin.Lag newer = Objects.requireNonNull(described.partitions().get("0"));
    assertThat(newer.exact()).isFalse();
    assertThat(newer.count()).hasValue(4);
    Duration expected = Duration.between(T0.plusSeconds(8), runtime.now());
    assertThat(newer.age()).isBetween(expected.minusSeconds(60), expected);
    GroupAdmin.Lag nothing = new GroupAdmin.Lag(OptionalLong.empty(), false, null);
    assertThat(described.partitions()).containsEntry("1", nothing).containsEntry("2", nothing);
  }

  @Test
  void resetMovesEveryLaneAndKeepsOnlyWhatBelongsToTheGroup() {
    groups.reset("t", "g", StartAt.earliest());
    Map<String, Admin.LaneInfo> lanes = lanes();
    assertThat(place("0")).isEqualTo(new Place.At(driver.position("t", "0", 5)));
    assertThat(place("1")).isEqualTo(new Place.At(driver.position("t", "1", 0)));
    CursorState anchor = CursorState.read(Objects.requireNonNull(lanes.get("0")).cursor().state());
    assertThat(anchor.groupRecord()).isEqualTo(RECORD);
    assertThat(anchor.settled()).isEmpty();
    CursorState other = CursorState.read(Objects.requireNonNull(lanes.get("1")).cursor().state());
    assertThat(other.groupRecord()).isNull();
  }

  @Test
  void resetTakesEveryKindOfTarget() {
    groups.reset("t", "g", StartAt.latest());
    assertThat(place("0")).isEqualTo(new Place.At(driver.position("t", "0", 10)));
    groups.reset("t", "g", StartAt.timestamp(T0.plusSeconds(8)));
    assertThat(place("0")).isEqualTo(new Place.At(driver.position("t", "0", 8)));
    groups.reset("t", "g", StartAt.at(driver.position("t", "0", 7)));
    assertThat(place("0")).isEqualTo(new Place.At(driver.position("t", "0", 7)));
    assertThat(place("1")).isEqualTo(new Place.At(driver.position("t", "1", 0)));
    groups.reset("t", "g", StartAt.after(driver.position("t", "0", 9)));
    assertThat(place("0")).isEqualTo(new Place.After(driver.position("t", "0", 9)));
    groups.reset("t", "g", StartAt.after(driver.position("t", "0", 4)));
    assertThat(place("0")).isEqualTo(new Place.After(driver.position("t", "0", 4)));
  }

  @Test
  void resetRefusesPositionsThatAreGoneOrDoNotBelong() {
    assertThatThrownBy(() -> groups.reset("t", "g", StartAt.at(driver.position("t", "0", 4))))
        .isInstanceOfSatisfying(
            PositionRemovedException.class,
            e -> {
              assertThat(e.requested()).contains(driver.position("t", "0", 4));
              assertThat(e.earliest()).contains(driver.position("t", "0", 5));
            });
    assertThatThrownBy(() -> groups.reset("t", "g", StartAt.after(driver.position("t", "0", 3))))
        .isInstanceOf(PositionRemovedException.class);
    Position former = Position.of("fake", "t", "0", "zero", 7);
    assertThatThrownBy(() -> groups.reset("t", "g", StartAt.at(former)))
        .isInstanceOf(PositionRemovedException.class)
        .hasMessageContaining("made anew");
    for (Position wrong :
        List.of(
            driver.position("t", "0", 10),
            driver.position("t", "1", 0),
            driver.position("t", "9", 0),
            driver.position("other", "0", 7),
            Position.of("kafka", "t", "0", null, 7))) {
      assertThatThrownBy(() -> groups.reset("t", "g", StartAt.at(wrong)))
          .isInstanceOf(InvalidPositionException.class)
          .hasMessageContaining(wrong.toString());
    }
    assertThat(driver.calls).doesNotContain("writeCursors");
  }

  @Test
  void resetNeedsAGroupWithoutMembers() {
    assertThatThrownBy(() -> groups.reset("t", "none", StartAt.earliest()))
        .isInstanceOf(GroupNotFoundException.class);
    assertThatThrownBy(() -> groups.reset("none", "g", StartAt.earliest()))
        .isInstanceOf(TopicNotFoundException.class);
    driver.member("g");
    assertThatThrownBy(() -> groups.reset("t", "g", StartAt.earliest()))
        .isInstanceOf(GroupActiveException.class)
        .hasMessageContaining("1 live members");
  }

  @Test
  void resetIsTheWayOutOfACursorThatCanNotBeRead() {
    cursors(
        new Admin.LaneInfo(
            new StoredCursor(Place.Origin.INSTANCE, new byte[] {99, 1, 2}), true, 1, true),
        new Admin.LaneInfo(new StoredCursor(Place.Origin.INSTANCE, new byte[0]), false, 1, true));
    groups.reset("t", "g", StartAt.earliest());
    CursorState anchor =
        CursorState.read(Objects.requireNonNull(lanes().get("0")).cursor().state());
    assertThat(anchor.groupRecord()).isNull();
  }

  private Map<String, Admin.LaneInfo> lanes() {
    return Objects.requireNonNull(driver.groups.get("g")).lanes();
  }

  private Place place(String lane) {
    return Objects.requireNonNull(lanes().get(lane)).cursor().place();
  }
}
