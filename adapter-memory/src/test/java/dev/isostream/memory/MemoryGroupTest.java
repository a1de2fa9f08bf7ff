package dev.isostream.memory;

import static dev.isostream.memory.Fixture.assertFails;
import static dev.isostream.memory.Fixture.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Members, lanes, cursors, fences. */
class MemoryGroupTest {

  private static final Duration SESSION = Duration.ofSeconds(3);

  private final Fixture fixture = new Fixture();
  private final MemoryDriver driver = fixture.driver();
  private final MemoryDriver otherDriver = fixture.driver();

  @BeforeEach
  void createTopic() {
    join(driver.admin().createTopic("orders", 4));
  }

  private GroupSource join1(MemoryDriver through, String id) {
    return Fixture.member(through, "orders", "g", id);
  }

  private static Map<Lane, CommitOutcome> commit(GroupSource source, Lane lane, int... state) {
    byte[] bytes = new byte[state.length];
    for (int i = 0; i < state.length; i++) {
      bytes[i] = (byte) state[i];
    }
    StoredCursor cursor = new StoredCursor(Place.Origin.INSTANCE, bytes);
    return join(source.commit(List.of(new LaneCommit(lane, cursor, List.of(), false))));
  }

  private static void assertFenced(GroupSource source, Lane lane) {
    assertThat(commit(source, lane, 9).get(lane))
        .isInstanceOfSatisfying(
            CommitOutcome.Failed.class,
            failed -> assertThat(failed.cause().kind()).isEqualTo(ErrorKind.FENCED));
  }

  @Test
  void aSingleMemberHasEverythingAndOneLaneIsTheAnchor() {
    GroupSource source = join1(driver, "a");
    Told told = new Told(source).poll(source);

    assertThat(told.ownedNames()).isEqualTo(Set.of("0", "1", "2", "3"));
    assertThat(told.owned).filteredOn(Lane::anchor).extracting(Lane::name).containsExactly("0");
    assertThat(told.cursors.values()).containsOnlyNulls();
  }

  @Test
  void lanesMoveOnlyWhenTheyWereGivenBackAndWithTheirCursors() {
    GroupSource first = join1(driver, "a");
    Told one = new Told(first).poll(first);
    GroupSource second = join1(otherDriver, "b");
    Told two = new Told(second).poll(second);
    assertThat(two.owned).isEmpty();

    one.poll(first);
    assertThat(one.revoking).hasSize(2);
    Lane moving = one.revoking.get(0);
    assertThat(commit(first, moving, 5).get(moving)).isInstanceOf(CommitOutcome.Stored.class);
    assertThat(two.poll(second).owned).isEmpty();
    one.revoking.forEach(first::release);
    one.owned.removeAll(one.revoking);
    two.poll(second);

    assertThat(two.owned).hasSize(2);
    assertThat(one.lost).isEmpty();
    Lane moved =
        two.owned.stream().filter(l -> l.name().equals(moving.name())).findFirst().orElseThrow();
    assertThat(moved.epoch()).isGreaterThan(moving.epoch());
    StoredCursor cursor = Objects.requireNonNull(two.cursors.get(moved));
    assertThat(cursor.state()).containsExactly(5);
    assertFenced(first, moving);
    assertThat(commit(second, moved, 6).get(moved)).isInstanceOf(CommitOutcome.Stored.class);
  }

  @Test
  void aMemberThatLeavesHandsOverAtOnce() {
    GroupSource first = join1(driver, "a");
    Told one = new Told(first).poll(first);
    Lane lane = one.owned.iterator().next();
    GroupSource second = join1(otherDriver, "b");
    first.close();
    first.close();
    Told two = new Told(second).poll(second);

    assertThat(two.owned).hasSize(4);
    assertFenced(first, lane);
  }

  @Test
  void aMemberThatIsSilentForTooLongIsReplacedAndFindsOut() {
    GroupSource first = join1(driver, "a");
    Told one = new Told(first).poll(first);
    List<Lane> had = List.copyOf(one.owned);
    GroupSource second = join1(otherDriver, "b");
    Told two = new Told(second);
    fixture.clock.pass(SESSION);
    assertThat(two.poll(second).owned).isEmpty();
    fixture.clock.pass(Duration.ofMillis(1));
    two.poll(second);

    assertThat(two.owned).hasSize(4);
    had.forEach(lane -> assertFenced(first, lane));
    one.poll(first);
    assertThat(one.lost).containsExactlyInAnyOrderElementsOf(had);

    two.poll(second);
    two.revoking.forEach(second::release);
    one.poll(first);
    assertThat(one.owned).hasSize(2).doesNotContainAnyElementsOf(had);
  }

  @Test
  void aMemberThatIsLateButNotMissedYetGoesOn() {
    GroupSource source = join1(driver, "a");
    Told told = new Told(source).poll(source);
    fixture.clock.pass(SESSION.multipliedBy(10));
    told.poll(source);

    assertThat(told.lost).isEmpty();
    Lane lane = told.owned.iterator().next();
    assertThat(commit(source, lane, 1).get(lane)).isInstanceOf(CommitOutcome.Stored.class);
  }

  @Test
  void aLaneThatIsNotGivenBackInTimeIsTaken() {
    MemoryDriver impatient = fixture.driver("rebalance.timeout", "1s");
    GroupSpec spec = new GroupSpec("orders", "g", "a", Duration.ofMillis(500), 500, 1 << 20);
    GroupSource first = impatient.openGroup(spec);
    Told one = new Told(first).poll(first);
    GroupSource second = join1(otherDriver, "b");
    Told two = new Told(second);
    one.poll(first);
    fixture.clock.pass(Duration.ofMillis(1001));
    two.poll(second);
    one.poll(first);

    assertThat(two.owned).hasSize(2);
    assertThat(one.lost).containsExactlyInAnyOrderElementsOf(one.revoking);
    one.lost.forEach(lane -> assertFenced(first, lane));
  }

  @Test
  void aDrainLimitThatDoesNotFitIsRefused() {
    GroupSpec spec = new GroupSpec("orders", "g", "a", Duration.ofMinutes(6), 500, 1 << 20);
    assertFails(ErrorKind.INVALID, () -> driver.openGroup(spec));
  }

  @Test
  void newPartitionsAreDealtOut() {
    GroupSource source = join1(driver, "a");
    Told told = new Told(source).poll(source);
    join(driver.admin().growTopic("orders", 6));
    told.poll(source);

    assertThat(told.ownedNames()).isEqualTo(Set.of("0", "1", "2", "3", "4", "5"));
  }

  @Test
  void recordsAreToldFromTheCursorOn() {
    Position first = fixture.broker.append("orders", "2", null, new byte[] {1}, Headers.empty());
    fixture.broker.append("orders", "2", null, new byte[] {2}, Headers.empty());
    GroupSource source = join1(driver, "a");
    Told told = new Told(source).poll(source).poll(source);
    assertThat(told.records).hasSize(2);
    Lane lane = told.owned.stream().filter(l -> l.name().equals("2")).findFirst().orElseThrow();
    StoredCursor cursor = new StoredCursor(new Place.After(first), new byte[0]);
    join(source.commit(List.of(new LaneCommit(lane, cursor, List.of(), false))));
    source.close();

    GroupSource next = join1(driver, "b");
    Told later = new Told(next).poll(next).poll(next);
    assertThat(later.records).hasSize(1);
    assertThat(later.records.get(0).payload()).containsExactly(2);
  }

  @Test
  void groupsOfOneTopicAndOfOneNameAreApart() {
    join(driver.admin().createTopic("other", 1));
    GroupSource one = join1(driver, "a");
    GroupSource two = Fixture.member(driver, "orders", "h", "a");
    GroupSource three = Fixture.member(driver, "other", "g", "a");

    assertThat(new Told(one).poll(one).owned).hasSize(4);
    assertThat(new Told(two).poll(two).owned).hasSize(4);
    assertThat(new Told(three).poll(three).owned).hasSize(1);
  }

  @Test
  void aCursorThatIsTooLargeIsRefused() {
    GroupSource source = join1(driver, "a");
    Told told = new Told(source).poll(source);
    Lane lane = told.owned.iterator().next();
    assertThat(driver.traits().cursorBytes()).isEqualTo(MemoryGroup.CURSOR_BYTES);

    assertThat(commit(source, lane, new int[MemoryGroup.CURSOR_BYTES]).get(lane))
        .isInstanceOf(CommitOutcome.Stored.class);
    assertThat(commit(source, lane, new int[MemoryGroup.CURSOR_BYTES + 1]).get(lane))
        .isInstanceOf(CommitOutcome.Failed.class);
  }

  @Test
  void aGroupMadeAnewFencesTheMembersOfTheOldOne() {
    GroupSource old = join1(driver, "a");
    Told one = new Told(old).poll(old);
    Lane had = one.owned.iterator().next();
    fixture.clock.pass(SESSION.plusMillis(1));
    // the same member id, as of a restarted process that keeps its name
    GroupSource anew = join1(otherDriver, "a");
    Told two = new Told(anew).poll(anew);

    assertThat(two.owned).hasSize(4).doesNotContain(had);
    assertFenced(old, had);
  }

  @Test
  void aDeletedTopicEndsItsMembers() {
    GroupSource source = join1(driver, "a");
    Told told = new Told(source).poll(source);
    join(driver.admin().deleteTopic("orders"));

    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> told.poll(source));
  }
}
