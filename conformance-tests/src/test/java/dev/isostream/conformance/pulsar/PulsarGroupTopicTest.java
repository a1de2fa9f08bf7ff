package dev.isostream.conformance.pulsar;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.Position;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.suite.Drivers;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.LeaseStore.Acquired;
import dev.isostream.spi.LeaseStore.Lease;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.admin.PulsarAdmin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a group's topic has been written over and over with: its state is written anew. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PulsarGroupTopicTest {
  private static final int COMMITS = 1_500;
  private static final int STATE_BYTES = 8_000;
  private static final int CONTENTIONS = 100;
  private static final long PATIENCE_SECONDS = 60;

  /** Far below what reading all that was ever written would take. */
  private static final Duration FAST = Duration.ofSeconds(5);

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final String topic = "t-" + UUID.randomUUID();
  private final Random random = new Random(1);

  @BeforeAll
  void requirePulsar() {
    assumeTrue(brokers.isSelected("pulsar"), "Pulsar was not chosen");
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  private static Driver driver(Broker broker) {
    Map<String, String> properties = new HashMap<>();
    broker
        .properties()
        .forEach((name, value) -> properties.put(name.substring("pulsar.".length()), value));
    return Drivers.open("pulsar://" + broker.address(), properties);
  }

  private static <T> T await(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private GroupSpec spec(String member) {
    return new GroupSpec(topic, "worn", member, Duration.ofSeconds(1), 100, 1 << 20);
  }

  private static Acquired acquire(LeaseStore leases, String member) throws Exception {
    Lease seen = await(leases.list(member)).leases().get(0);
    return await(leases.acquire(seen, member));
  }

  private StoredCursor cursor(int number) {
    byte[] state = new byte[STATE_BYTES];
    random.nextBytes(state);
    return new StoredCursor(
        new Place.At(Position.of("pulsar", topic, "0", null, 7, number, 0)), state);
  }

  /** Stores it; again and again while the broker is away, as the engine would. */
  private static void commit(GroupSource source, Lane lane, StoredCursor cursor) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      CommitOutcome outcome =
          await(source.commit(List.of(new LaneCommit(lane, cursor, List.of(), false)))).get(lane);
      if (outcome instanceof CommitOutcome.Failed failed) {
        assertThat(failed.cause().kind().isRetriable()).as("%s", failed.cause()).isTrue();
        assertThat(System.nanoTime()).as("%s", failed.cause()).isLessThan(deadline);
      } else {
        assertThat(outcome).isInstanceOf(CommitOutcome.Stored.class);
        return;
      }
    }
  }

  /** Whoever comes newly, and has to be quick and right. */
  private void opensFastAndRight(Broker broker, StoredCursor wanted) throws Exception {
    try (Driver other = driver(broker)) {
      long begin = System.nanoTime();
      Admin.GroupInfo info =
          await(other.admin().describeGroup(topic, "worn")).orElseThrow(AssertionError::new);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      Admin.LaneInfo lane = requireNonNull(info.lanes().get("0"));
      same(lane.cursor(), wanted);
      assertThat(took).as("a group that was committed thousands of times").isLessThan(FAST);
    }
  }

  private static void same(StoredCursor stored, StoredCursor wanted) {
    assertThat(stored.place()).isEqualTo(wanted.place());
    assertThat(stored.state()).isEqualTo(wanted.state());
  }

  /** Acked on the topic's own subscription, so that it goes with its ledger. */
  private void requireThatTheBeginningMayGo(Broker broker) throws Exception {
    String name = "persistent://public/default/isostream:group:" + topic + ":worn";
    try (PulsarAdmin admin =
        PulsarAdmin.builder().serviceHttpUrl(broker.properties().get("pulsar.admin.url")).build()) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      long backlog = Long.MAX_VALUE;
      while (backlog > COMMITS / 2) {
        assertThat(System.nanoTime()).as("backlog %s", backlog).isLessThan(deadline);
        backlog =
            requireNonNull(admin.topics().getStats(name).getSubscriptions().get("isostream"))
                .getMsgBacklog();
      }
    }
  }

  @Test
  void aGroupThatWasCommittedThousandsOfTimesOpensFastAndRight() throws Exception {
    Broker broker = brokers.own("pulsar");
    try (Driver driver = driver(broker)) {
      await(driver.admin().createTopic(topic, 1));
      StoredCursor last = cursor(0);
      try (GroupSource source = driver.openGroup(spec("first"))) {
        LeaseStore leases = driver.leases(spec("first"));
        Lease lease = acquire(leases, "first").lease();
        Lane lane = new Lane(lease.lane(), lease.epoch(), lease.anchor());
        CompletableFuture<Void> killed = new CompletableFuture<>();
        for (int i = 1; i <= COMMITS; i++) {
          if (i == COMMITS / 3) {
            opensFastAndRight(broker, last);
          }
          if (i == COMMITS / 2) {
            killed = CompletableFuture.runAsync(broker::restart);
          }
          last = cursor(i);
          commit(source, lane, last);
        }
        killed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        requireThatTheBeginningMayGo(broker);
        opensFastAndRight(broker, last);
        await(leases.release(lease));
        await(leases.leave("first"));
      }
      broker.restart();
      try (Driver other = driver(broker);
          GroupSource next = other.openGroup(spec("second"))) {
        long begin = System.nanoTime();
        Acquired taken = acquire(other.leases(spec("second")), "second");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(FAST);
        same(requireNonNull(taken.cursor()), last);
        next.wakeup();
      }
    }
  }

  /** Each applies what it wrote itself before it has read it, where nobody else wrote meanwhile. */
  @Test
  void membersThatContendForLeasesComeToTheSameState() throws Exception {
    Broker broker = brokers.own("pulsar");
    try (Driver creating = driver(broker)) {
      await(creating.admin().createTopic("contended", 2));
    }
    List<CompletableFuture<Map<String, Long>>> members = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String member = "m" + i;
      CompletableFuture<Map<String, Long>> done = new CompletableFuture<>();
      Thread thread = new Thread(() -> contend(broker, member, done), member);
      thread.setDaemon(true);
      thread.start();
      members.add(done);
    }
    Map<String, Long> newest = new HashMap<>();
    for (CompletableFuture<Map<String, Long>> member : members) {
      member
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .forEach((lane, epoch) -> newest.merge(lane, epoch, Math::max));
    }
    try (Driver other = driver(broker);
        GroupSource source = other.openGroup(spec("contended", "late"))) {
      for (Lease lease : await(other.leases(spec("contended", "late")).list("late")).leases()) {
        assertThat(lease.epoch()).isEqualTo(newest.get(lease.lane()));
        assertThat(lease.owner()).isNull();
      }
      source.wakeup();
    }
  }

  private static GroupSpec spec(String topic, String member) {
    return new GroupSpec(topic, "contending", member, Duration.ofSeconds(1), 100, 1 << 20);
  }

  /** Takes, commits and gives back; tells the highest epoch that it had of each lane. */
  private void contend(Broker broker, String member, CompletableFuture<Map<String, Long>> done) {
    Map<String, Long> epochs = new HashMap<>();
    Random own = new Random(member.hashCode());
    try (Driver driver = driver(broker);
        GroupSource source = driver.openGroup(spec("contended", member))) {
      LeaseStore leases = driver.leases(spec("contended", member));
      for (int i = 0; i < CONTENTIONS; i++) {
        List<Lease> all = await(leases.list(member)).leases();
        Lease seen = all.get(own.nextInt(all.size()));
        Acquired taken = await(leases.acquire(seen, member));
        if (taken == null) {
          continue;
        }
        Lease mine = taken.lease();
        assertThat(mine.epoch()).isEqualTo(seen.epoch() + 1);
        epochs.merge(mine.lane(), mine.epoch(), Math::max);
        Lane lane = new Lane(mine.lane(), mine.epoch(), mine.anchor());
        StoredCursor cursor = new StoredCursor(Place.Origin.INSTANCE, new byte[] {(byte) i});
        CommitOutcome stored =
            await(source.commit(List.of(new LaneCommit(lane, cursor, List.of(), false)))).get(lane);
        boolean held = !await(leases.renew(List.of(mine), Duration.ofSeconds(1))).isEmpty();
        if (held) {
          assertThat(stored).as("an owner's commit").isInstanceOf(CommitOutcome.Stored.class);
        }
        await(leases.release(mine));
      }
      await(leases.leave(member));
      done.complete(epochs);
    } catch (Exception | AssertionError e) {
      done.completeExceptionally(e);
    }
  }
}
