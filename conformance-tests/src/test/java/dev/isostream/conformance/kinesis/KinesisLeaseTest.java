package dev.isostream.conformance.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.suite.Drivers;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.ErrorKind;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Writes with a condition, of members that think that they have the same lease. */
class KinesisLeaseTest extends OwnKinesis {
  private static final Duration TTL = Duration.ofSeconds(3);

  private Driver driver() {
    Broker broker = broker();
    Map<String, String> properties = new HashMap<>();
    broker
        .properties()
        .forEach((name, value) -> properties.put(name.substring("kinesis.".length()), value));
    properties.put("failover.time", "4s");
    return Drivers.open("kinesis://" + broker.address(), properties);
  }

  private static <T> T await(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** A member as the engine has it: where it reads, and its leases. */
  private record Member(String id, GroupSource source, LeaseStore leases) {
    static Member join(Driver driver, String topic, String id) {
      GroupSpec spec = new GroupSpec(topic, "g", id, Duration.ofSeconds(1), 100, 1 << 20);
      GroupSource source = driver.openGroup(spec);
      return new Member(id, source, driver.leases(spec));
    }

    List<Lease> list() throws Exception {
      return await(leases.list(id)).leases();
    }

    CommitOutcome commit(Lease lease, String state, boolean ended) throws Exception {
      Lane lane = new Lane(lease.lane(), lease.epoch(), lease.anchor());
      LaneCommit commit =
          new LaneCommit(
              lane,
              new StoredCursor(
                  Place.Origin.INSTANCE, state.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
              List.of(),
              ended);
      return Objects.requireNonNull(await(source.commit(List.of(commit))).get(lane));
    }
  }

  @Test
  void whoWasReplacedWritesNothing() throws Exception {
    String topic = "t-" + UUID.randomUUID();
    try (Driver driver = driver()) {
      await(driver.admin().createTopic(topic, 1));
      Member first = Member.join(driver, topic, "first");
      Member second = Member.join(driver, topic, "second");
      Lease free = first.list().get(0);
      Acquired taken = Objects.requireNonNull(await(first.leases().acquire(free, "first")));
      assertThat(await(second.leases().acquire(free, "second")))
          .as("taken as it was seen before")
          .isNull();
      assertThat(first.commit(taken.lease(), "of the first", false))
          .isInstanceOf(CommitOutcome.Stored.class);
      Lease seen = second.list().get(0);
      Acquired moved = Objects.requireNonNull(await(second.leases().acquire(seen, "second")));
      assertThat(moved.lease().epoch()).isGreaterThan(taken.lease().epoch());
      assertThat(
              new String(
                  Objects.requireNonNull(moved.cursor()).state(),
                  java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("of the first");
      assertThat(first.commit(taken.lease(), "too late", false))
          .isInstanceOfSatisfying(
              CommitOutcome.Failed.class,
              failed -> assertThat(failed.cause().kind()).isEqualTo(ErrorKind.FENCED));
      assertThat(await(first.leases().renew(List.of(taken.lease()), TTL))).isEmpty();
      await(first.leases().release(taken.lease()));
      assertThat(await(second.leases().renew(List.of(moved.lease()), TTL))).hasSize(1);
      Map<String, Admin.LaneInfo> lanes =
          driver
              .admin()
              .describeGroup(topic, "g")
              .toCompletableFuture()
              .get()
              .orElseThrow()
              .lanes();
      byte[] state = Objects.requireNonNull(lanes.get(seen.lane())).cursor().state();
      assertThat(new String(state, java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("of the first");
      first.source().close();
      second.source().close();
    }
  }

  @Test
  void aLeaseThatIsRenewedMeanwhileIsNotTaken() throws Exception {
    String topic = "t-" + UUID.randomUUID();
    try (Driver driver = driver()) {
      await(driver.admin().createTopic(topic, 1));
      Member owner = Member.join(driver, topic, "owner");
      Member other = Member.join(driver, topic, "other");
      Acquired taken =
          Objects.requireNonNull(await(owner.leases().acquire(owner.list().get(0), "owner")));
      Lease seen = other.list().get(0);
      assertThat(await(owner.leases().renew(List.of(taken.lease()), TTL))).hasSize(1);
      assertThat(await(other.leases().acquire(seen, "other"))).isNull();
      await(other.leases().want(seen, "other"));
      assertThat(await(owner.leases().renew(List.of(taken.lease()), TTL)))
          .singleElement()
          .satisfies(lease -> assertThat(lease.wantedBy()).isEqualTo("other"));
      owner.source().close();
      other.source().close();
    }
  }

  @Test
  void childrenComeWhenAllOfTheirParentsIsSettled() throws Exception {
    String topic = "t-" + UUID.randomUUID();
    try (Driver driver = driver();
        KinesisClient client = KinesisBench.nativeClient(broker())) {
      await(driver.admin().createTopic(topic, 1));
      await(driver.admin().growTopic(topic, 2));
      assertThat(
              client.listShards(r -> r.streamName(topic)).shards().stream()
                  .filter(shard -> shard.parentShardId() != null))
          .isNotEmpty();
      Member member = Member.join(driver, topic, "member");
      Lease parent = member.list().get(0);
      assertThat(member.list()).as("before the parent has ended").hasSize(1);
      Acquired taken = Objects.requireNonNull(await(member.leases().acquire(parent, "member")));
      member.commit(taken.lease(), "read, not settled", false);
      assertThat(member.list()).as("before the parent is settled").hasSize(1);
      member.commit(taken.lease(), "settled", true);
      assertThat(member.list())
          .as("the children, and not the parent")
          .extracting(Lease::lane)
          .hasSizeGreaterThan(1)
          .doesNotContain(parent.lane());
      member.source().close();
    }
  }
}
