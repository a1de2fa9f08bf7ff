package dev.isostream.memory;

import static dev.isostream.memory.Fixture.assertFails;
import static dev.isostream.memory.Fixture.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.GroupAdmin;
import dev.isostream.spi.Admin;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Topics and groups as an administrator sees them. */
class MemoryAdminTest {

  private final Fixture fixture = new Fixture();
  private final MemoryDriver driver = fixture.driver();
  private final Admin admin = driver.admin();

  @Test
  void createsGrowsListsAndDeletesTopics() {
    join(admin.createTopic("a", 2));
    join(admin.createTopic("b", 1));
    join(admin.growTopic("a", 4));

    assertThat(join(admin.listTopics())).isEqualTo(Set.of("a", "b"));
    Admin.TopicInfo info = join(admin.describeTopic("a")).orElseThrow();
    assertThat(info.partitions()).containsExactly("0", "1", "2", "3");
    assertThat(info.incarnation()).isNotNull();
    assertFails(ErrorKind.ALREADY_EXISTS, () -> join(admin.createTopic("a", 1)));
    assertFails(ErrorKind.INVALID, () -> join(admin.growTopic("a", 4)));
    assertFails(ErrorKind.INVALID, () -> join(admin.createTopic("c", 0)));

    join(admin.deleteTopic("a"));
    assertThat(join(admin.describeTopic("a"))).isEmpty();
    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> join(admin.deleteTopic("a")));
    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> join(admin.growTopic("a", 9)));
    assertFails(ErrorKind.TOPIC_NOT_FOUND, () -> join(admin.listGroups("a")));
  }

  @Test
  void aTopicMadeAnewIsAnotherOne() {
    join(admin.createTopic("a", 1));
    String first = join(admin.describeTopic("a")).orElseThrow().incarnation();
    join(admin.deleteTopic("a"));
    join(admin.createTopic("a", 1));

    assertThat(join(admin.describeTopic("a")).orElseThrow().incarnation()).isNotEqualTo(first);
  }

  @Test
  void describesAGroupWithItsMembersAndBacklog() {
    join(admin.createTopic("a", 2));
    Fixture.sink(driver, "a").append(Fixture.records("k", 10));
    try (GroupSource member = Fixture.member(driver, "a", "g", "m1")) {
      Told told = new Told(member).poll(member);
      commit(member, told, 4);

      Admin.GroupInfo info = join(admin.describeGroup("a", "g")).orElseThrow();
      assertThat(info.members())
          .containsExactly(new GroupAdmin.Member("m1", "client", Set.of("0", "1")));
      assertThat(info.lanes()).containsOnlyKeys("0", "1");
      assertThat(info.lanes().values().stream().mapToLong(Admin.LaneInfo::backlog).sum())
          .isEqualTo(6);
      assertThat(info.lanes().values()).allMatch(Admin.LaneInfo::exact);
      assertThat(lane(info, "0").anchor()).isTrue();
      assertThat(lane(info, "1").anchor()).isFalse();
      assertThat(join(admin.listGroups("a"))).containsExactly("g");
    }
    assertThat(join(admin.describeGroup("a", "g")).orElseThrow().members()).isEmpty();
    assertThat(join(admin.describeGroup("a", "other"))).isEmpty();
  }

  private static Admin.LaneInfo lane(Admin.GroupInfo info, String name) {
    return Objects.requireNonNull(info.lanes().get(name));
  }

  /** Says in each lane that this many are settled, as far as there are that many. */
  private void commit(GroupSource member, Told told, int settled) {
    List<LaneCommit> commits =
        told.owned.stream()
            .map(
                lane -> {
                  int there = fixture.broker.stored("a", lane.name()).size();
                  Place place =
                      there == 0
                          ? Place.Origin.INSTANCE
                          : new Place.At(
                              fixture.broker.stored("a", lane.name()).get(settled).position());
                  StoredCursor cursor = new StoredCursor(place, new byte[] {7});
                  return new LaneCommit(lane, cursor, List.of(), false);
                })
            .toList();
    join(member.commit(commits));
  }

  @Test
  void aGroupIsResetAndDeletedOnlyWhenNobodyIsLive() {
    join(admin.createTopic("a", 1));
    Fixture.sink(driver, "a").append(Fixture.records("k", 10));
    MemoryDriver other = fixture.driver();
    GroupSource member = Fixture.member(other, "a", "g", "m1");
    commit(member, new Told(member).poll(member), 4);
    Map<String, StoredCursor> reset =
        Map.of("0", new StoredCursor(Place.Origin.INSTANCE, new byte[] {1}));

    assertFails(ErrorKind.GROUP_ACTIVE, () -> join(admin.writeCursors("a", "g", reset)));
    assertFails(ErrorKind.GROUP_ACTIVE, () -> join(admin.deleteGroup("a", "g")));
    Fixture.connection(other).kill();
    assertFails(ErrorKind.GROUP_ACTIVE, () -> join(admin.deleteGroup("a", "g")));
    fixture.clock.pass(Duration.ofMillis(3001));

    join(admin.writeCursors("a", "g", reset));
    StoredCursor stored = lane(join(admin.describeGroup("a", "g")).orElseThrow(), "0").cursor();
    assertThat(stored.place()).isEqualTo(Place.Origin.INSTANCE);
    assertThat(stored.state()).containsExactly(1);
    join(admin.deleteGroup("a", "g"));
    assertThat(join(admin.listGroups("a"))).isEmpty();
    assertFails(ErrorKind.GROUP_NOT_FOUND, () -> join(admin.deleteGroup("a", "g")));
    assertFails(ErrorKind.GROUP_NOT_FOUND, () -> join(admin.writeCursors("a", "g", reset)));
  }

  @Test
  void cursorsAreReplacedAllOrNone() {
    join(admin.createTopic("a", 2));
    GroupSource member = Fixture.member(driver, "a", "g", "m1");
    commit(member, new Told(member).poll(member), 0);
    member.close();
    StoredCursor good = new StoredCursor(Place.Origin.INSTANCE, new byte[] {1});
    StoredCursor large =
        new StoredCursor(Place.Origin.INSTANCE, new byte[MemoryGroup.CURSOR_BYTES + 1]);

    assertFails(
        ErrorKind.TOO_LARGE,
        () -> join(admin.writeCursors("a", "g", Map.of("0", good, "1", large))));
    assertFails(
        ErrorKind.INVALID, () -> join(admin.writeCursors("a", "g", Map.of("0", good, "9", good))));
    assertThat(lane(join(admin.describeGroup("a", "g")).orElseThrow(), "0").cursor().state())
        .containsExactly(7);
  }

  @Test
  void aGroupOfWhichNothingIsStoredEndsWithItsMembers() {
    join(admin.createTopic("a", 1));
    GroupSource member = Fixture.member(driver, "a", "g", "m1");
    assertThat(join(admin.listGroups("a"))).containsExactly("g");
    member.close();
    assertThat(join(admin.listGroups("a"))).isEmpty();
  }
}
