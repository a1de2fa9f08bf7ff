package dev.isostream.conformance.rabbitmq;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.stream.Address;
import com.rabbitmq.stream.Environment;
import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.Position;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.suite.Drivers;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
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
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a group's stream has been written over and over with: retention takes its beginning. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RabbitGroupStreamTest {
  private static final int COMMITS = 3_000;
  private static final int STATE_BYTES = 16_000;
  private static final long PATIENCE_SECONDS = 60;

  /** Far below what reading all that was ever written would take. */
  private static final Duration FAST = Duration.ofSeconds(5);

  private final Brokers brokers = Brokers.fromSystemProperties();
  private final String topic = "t-" + UUID.randomUUID();
  private final Random random = new Random(1);

  @BeforeAll
  void requireRabbit() {
    assumeTrue(brokers.isSelected("rabbitmq"), "RabbitMQ was not chosen");
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  private static Driver driver(Broker broker) {
    Map<String, String> properties = new HashMap<>();
    broker
        .properties()
        .forEach((name, value) -> properties.put(name.substring("rabbitmq.".length()), value));
    return Drivers.open("rabbitmq://" + broker.address(), properties);
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
    return new StoredCursor(new Place.At(Position.of("rabbitmq", topic, "0", null, number)), state);
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

  /** A node serves before it has its streams back; the engine would ask again, too. */
  private void awaitRecovery(Broker broker) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (Driver driver = driver(broker)) {
      boolean there = false;
      while (!there) {
        assertThat(System.nanoTime()).as("the streams are back").isLessThan(deadline);
        try {
          there =
              await(driver.admin().describeTopic(topic)).isPresent()
                  && await(driver.admin().describeGroup(topic, "worn")).isPresent();
        } catch (ExecutionException notYet) {
          assertThat(notYet).hasCauseInstanceOf(DriverException.class);
        }
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

  private void requireThatTheBeginningIsGone(Broker broker) throws Exception {
    String[] node = broker.address().split(":", -1);
    Address address = new Address(node[0], Integer.parseInt(node[1]));
    CompletableFuture<Long> first = new CompletableFuture<>();
    try (Environment environment =
        Environment.builder()
            .host(address.host())
            .port(address.port())
            .addressResolver(any -> address)
            .build()) {
      var consumer =
          environment.consumerBuilder().stream("isostream:group:" + topic + ":worn")
              .offset(OffsetSpecification.first())
              .messageHandler((context, message) -> first.complete(context.offset()))
              .build();
      assertThat(first.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isPositive();
      consumer.close();
    }
  }

  @Test
  void aGroupThatWasCommittedThousandsOfTimesOpensFastAndRight() throws Exception {
    Broker broker = brokers.own("rabbitmq");
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
        awaitRecovery(broker);
        requireThatTheBeginningIsGone(broker);
        opensFastAndRight(broker, last);
        await(leases.release(lease));
        await(leases.leave("first"));
      }
      broker.restart();
      awaitRecovery(broker);
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
}
