package dev.isostream.engine.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.simulation.SimLeases;
import dev.isostream.engine.simulation.SimProcess;
import dev.isostream.engine.simulation.SimWorld;
import dev.isostream.spi.Lane;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LeaseAssignorTest {

  private static final Duration TTL = Duration.ofSeconds(10);
  private static final long SECOND = 1_000_000_000L;

  /** A member that holds lanes and drains them in a while, and nothing else. */
  private static final class Member implements LeaseAssignor.Events, EngineRuntime.Loop {
    final SimProcess process;
    final LeaseAssignor assignor;
    final Map<Lane, Long> held = new HashMap<>();
    final Set<Lane> draining = new HashSet<>();
    final List<Lane> lostLanes = new ArrayList<>();
    final List<Throwable> failures = new ArrayList<>();
    int revoked;
    long drainNanos = SECOND / 2;
    boolean ended;

    Member(SimWorld world, SimLeases leases, SimLeases.Faults faults, String id) {
      this.process = new SimProcess(world, id);
      this.assignor =
          new LeaseAssignor(
              leases.client(process, faults),
              id,
              process,
              TTL,
              task -> world.after(process, 0, task),
              this);
      process.start(id, this);
    }

    @Override
    public boolean turn(long maxWaitNanos) {
      if (!ended) {
        assignor.tick(process.nanoTime());
      }
      return !ended;
    }

    @Override
    public void assigned(Lane lane, @Nullable StoredCursor cursor) {
      assertThat(names()).doesNotContain(lane.name());
      held.put(lane, process.world().now());
    }

    @Override
    public void revoking(Lane lane) {
      assertThat(held).containsKey(lane);
      assertThat(draining.add(lane)).isTrue();
      process.world().after(process, drainNanos, () -> giveUp(lane));
    }

    private void giveUp(Lane lane) {
      if (held.remove(lane) != null) {
        draining.remove(lane);
        revoked++;
        assignor.released(lane);
      }
    }

    @Override
    public void lost(Lane lane) {
      assertThat(held.remove(lane)).isNotNull();
      draining.remove(lane);
      lostLanes.add(lane);
    }

    @Override
    public void failed(Throwable failure) {
      failures.add(failure);
    }

    void close() {
      assignor.retire();
      process
          .world()
          .after(
              process,
              drainNanos,
              () -> {
                held.clear();
                draining.clear();
                assignor.close().thenRun(() -> ended = true);
              });
    }

    Set<String> names() {
      return held.keySet().stream().map(Lane::name).collect(Collectors.toSet());
    }
  }

  private static SimLeases table(int lanes) {
    SimLeases leases = new SimLeases();
    for (int i = 0; i < lanes; i++) {
      leases.add(Integer.toString(i), i == 0);
    }
    return leases;
  }

  private static List<Integer> counts(List<Member> members) {
    return members.stream().map(m -> m.held.size()).sorted().toList();
  }

  private static boolean isSpread(List<Member> members, int lanes) {
    Set<String> all = new HashSet<>();
    int sum = 0;
    for (Member member : members) {
      int count = member.held.size();
      if (count < lanes / members.size() || count > (lanes + members.size() - 1) / members.size()) {
        return false;
      }
      all.addAll(member.names());
      sum += count;
    }
    return sum == lanes && all.size() == lanes;
  }

  @Test
  void oneMemberTakesAllAtOnce() {
    SimWorld world = new SimWorld(1);
    Member only = new Member(world, table(8), new SimLeases.Faults(), "a");
    assertThat(world.runUntil(() -> only.held.size() == 8, SECOND)).isTrue();
    world.runFor(60 * SECOND);
    assertThat(only.held).hasSize(8);
    assertThat(only.lostLanes).isEmpty();
    assertThat(only.failures).isEmpty();
  }

  @Test
  void aNewMemberGetsItsShareGracefully() {
    for (int seed = 0; seed < 50; seed++) {
      SimWorld world = new SimWorld(seed);
      SimLeases leases = table(8);
      Member first = new Member(world, leases, new SimLeases.Faults(), "a");
      world.runUntil(() -> first.held.size() == 8, SECOND);
      Member second = new Member(world, leases, new SimLeases.Faults(), "b");
      List<Member> both = List.of(first, second);
      assertThat(world.runUntil(() -> isSpread(both, 8), TTL.toNanos())).isTrue();
      assertThat(first.lostLanes).isEmpty();
      assertThat(first.revoked).isEqualTo(4);
      world.runFor(60 * SECOND);
      assertThat(counts(both)).containsExactly(4, 4);
      assertThat(first.revoked + second.revoked).as("no thrash").isEqualTo(4);
    }
  }

  @Test
  void spreadsAndThenRests() {
    for (int seed = 0; seed < 120; seed++) {
      SimWorld world = new SimWorld(seed);
      int lanes = (int) world.between(1, 12);
      SimLeases leases = table(lanes);
      List<Member> members = new ArrayList<>();
      long count = world.between(1, 6);
      for (int i = 0; i < count; i++) {
        members.add(new Member(world, leases, new SimLeases.Faults(), "m" + i));
        world.runFor(world.between(0, SECOND));
      }
      assertThat(world.runUntil(() -> isSpread(members, lanes), 2 * TTL.toNanos()))
          .as("seed %d: %d lanes, %s", seed, lanes, counts(members))
          .isTrue();
      world.runFor(3 * SECOND);
      int moves = members.stream().mapToInt(m -> m.revoked).sum();
      world.runFor(60 * SECOND);
      assertThat(members.stream().mapToInt(m -> m.revoked).sum())
          .as("seed %d", seed)
          .isEqualTo(moves);
      assertThat(members).allMatch(m -> m.lostLanes.isEmpty());
    }
  }

  @Test
  void aDeadMembersLanesGoToTheOthersWithinTtlAndATick() {
    for (int seed = 0; seed < 100; seed++) {
      SimWorld world = new SimWorld(seed);
      SimLeases leases = table(6);
      Member first = new Member(world, leases, new SimLeases.Faults(), "a");
      Member second = new Member(world, leases, new SimLeases.Faults(), "b");
      List<Member> both = List.of(first, second);
      assertThat(world.runUntil(() -> isSpread(both, 6), 2 * TTL.toNanos())).isTrue();
      world.runFor(world.between(0, 20 * SECOND));
      second.process.kill();
      long killed = world.now();
      assertThat(world.runUntil(() -> first.held.size() == 6, 2 * TTL.toNanos())).isTrue();
      assertThat(world.now() - killed)
          .as("seed %d", seed)
          .isLessThan(TTL.toNanos() + TTL.toNanos() / 3 + SECOND);
      assertThat(first.lostLanes).isEmpty();
    }
  }

  @Test
  void closingGivesLanesAwayWithoutWaitingForTheTtl() {
    for (int seed = 0; seed < 100; seed++) {
      SimWorld world = new SimWorld(seed);
      SimLeases leases = table(6);
      Member first = new Member(world, leases, new SimLeases.Faults(), "a");
      Member second = new Member(world, leases, new SimLeases.Faults(), "b");
      assertThat(world.runUntil(() -> isSpread(List.of(first, second), 6), 2 * TTL.toNanos()))
          .isTrue();
      second.close();
      assertThat(world.runUntil(() -> first.held.size() == 6, TTL.toNanos() / 2)).isTrue();
      assertThat(second.ended).isTrue();
      assertThat(second.lostLanes).isEmpty();
    }
  }

  @Test
  void anOwnerRenewsWhileItDrains() {
    SimWorld world = new SimWorld(7);
    SimLeases leases = table(2);
    Member first = new Member(world, leases, new SimLeases.Faults(), "a");
    first.drainNanos = 10 * TTL.toNanos();
    world.runUntil(() -> first.held.size() == 2, SECOND);
    Member second = new Member(world, leases, new SimLeases.Faults(), "b");
    world.runFor(9 * TTL.toNanos());
    assertThat(first.draining).hasSize(1);
    assertThat(first.held).hasSize(2);
    assertThat(second.held).isEmpty();
    assertThat(world.runUntil(() -> second.held.size() == 1, 3 * TTL.toNanos())).isTrue();
    assertThat(first.lostLanes).isEmpty();
  }

  @Test
  void aStoreThatNeverAnswersCostsTheLanesByOnesOwnClock() {
    SimWorld world = new SimWorld(3);
    SimLeases.Faults faults = new SimLeases.Faults();
    Member only = new Member(world, table(3), faults, "a");
    world.runUntil(() -> only.held.size() == 3, SECOND);
    faults.hung = 1;
    assertThat(world.runUntil(() -> only.held.isEmpty(), TTL.toNanos() + SECOND)).isTrue();
    assertThat(only.lostLanes).hasSize(3);
    assertThat(only.failures).isNotEmpty();
    faults.hung = 0;
    assertThat(world.runUntil(() -> only.held.size() == 3, TTL.toNanos())).isTrue();
  }

  @Test
  void closeEndsAlsoWhenTheStoreNeverAnswers() {
    SimWorld world = new SimWorld(4);
    SimLeases.Faults faults = new SimLeases.Faults();
    Member only = new Member(world, table(3), faults, "a");
    world.runUntil(() -> only.held.size() == 3, SECOND);
    faults.hung = 1;
    only.close();
    assertThat(world.runUntil(() -> only.ended, 2 * TTL.toNanos())).isTrue();
  }

  @Test
  void tickIsCheapWhenNothingIsDue() {
    SimWorld world = new SimWorld(5);
    Member only = new Member(world, table(3), new SimLeases.Faults(), "a");
    world.runUntil(() -> only.held.size() == 3, SECOND);
    world.runFor(20 * SECOND);
    long now = only.process.nanoTime();
    long due = only.assignor.tick(now);
    assertThat(due).isGreaterThan(now);
    assertThat(due - now).isLessThanOrEqualTo(TTL.toNanos() / 3);
    assertThat(only.assignor.tick(now)).isEqualTo(due);
  }

  /** Random schedules with every fault: never two holders, and all is well once the faults stop. */
  @Test
  void neverTwoHolders() {
    int seeds = Integer.getInteger("simulation.leases", 400);
    for (int seed = 0; seed < seeds; seed++) {
      new Chaos(seed).run();
    }
  }

  private static final class Chaos {
    private final long seed;
    private final SimWorld world;
    private final SimLeases leases;
    private final SimLeases.Faults faults = new SimLeases.Faults();
    private final int lanes;
    private final List<Member> members = new ArrayList<>();
    private int made;

    Chaos(long seed) {
      this.seed = seed;
      this.world = new SimWorld(seed);
      this.lanes = (int) world.between(1, 9);
      this.leases = table(lanes);
      faults.lost = 0.1 * world.random().nextDouble();
      faults.lostReply = 0.1 * world.random().nextDouble();
      faults.hung = 0.03 * world.random().nextDouble();
      faults.latencyMax = world.between(2_000_000L, 2 * SECOND);
    }

    void run() {
      long end = world.between(20, 120) * SECOND;
      join();
      while (world.now() < end) {
        long until = world.now() + world.between(0, 6 * SECOND);
        while (world.now() < until) {
          world.runFor(50_000_000L);
          check();
        }
        disturb();
      }
      faults.lost = 0;
      faults.lostReply = 0;
      faults.hung = 0;
      faults.latencyMax = 20_000_000L;
      if (members.isEmpty()) {
        join();
      }
      members.removeIf(m -> m.ended);
      assertThat(world.runUntil(() -> isSpread(members, lanes), 4 * TTL.toNanos()))
          .as("seed %d: %d lanes over %s", seed, lanes, counts(members))
          .isTrue();
    }

    private void join() {
      Member member = new Member(world, leases, faults, "m" + made++);
      member.drainNanos = world.between(0, 3 * SECOND);
      members.add(member);
    }

    private void disturb() {
      int what = world.random().nextInt(6);
      if (what == 0 && members.size() < 5) {
        join();
      } else if (!members.isEmpty()) {
        Member member = members.get(world.random().nextInt(members.size()));
        if (what == 1) {
          member.process.kill();
          members.remove(member);
        } else if (what == 2) {
          member.process.pauseFor(world.between(0, 2 * TTL.toNanos()));
        } else if (what == 3) {
          members.remove(member);
          member.close();
        } else if (what == 4) {
          member.assignor.wake();
        }
      }
    }

    /** A paused member's clock has told it nothing yet; it counts from when it goes on. */
    private void check() {
      Map<String, String> holders = new HashMap<>();
      for (Member member : members) {
        if (member.process.isPaused()) {
          continue;
        }
        for (Lane lane : member.held.keySet()) {
          String other = holders.put(lane.name(), member.process.name());
          assertThat(other)
              .as("seed %d at %d: both hold lane %s", seed, world.now(), lane.name())
              .isNull();
        }
      }
    }
  }
}
