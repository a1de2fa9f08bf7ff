package dev.isostream.engine.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.BrokerUnavailableException;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.MemberListener;
import dev.isostream.MessagingException;
import dev.isostream.Settlement;
import dev.isostream.Subscription;
import dev.isostream.TopicNotFoundException;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a member says of a broker that is away, and of a topic that is gone for good. */
class OutageTest {

  private final DriverException away =
      new DriverException(ErrorKind.UNAVAILABLE, "away, for the test", null);
  private static final Duration OUTAGE = Duration.ofSeconds(21);

  private static final Logger LOG = Logger.getLogger("dev.isostream.member");

  private final List<MessagingException> told = new ArrayList<>();
  private final List<String> logged = new ArrayList<>();
  private final OneMember bench =
      new OneMember(
          new MemberListener() {
            @Override
            public void failed(MessagingException cause) {
              told.add(cause);
            }
          });
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOG.addHandler(handler);
  }

  @AfterEach
  void leave() {
    LOG.removeHandler(handler);
  }

  @Test
  void failingCommitsAreToldOnceInAWhileAndWhenTheyWorkAgain() {
    Subscription member = bench.push(delivery -> {});
    bench.driver.liveGroup().refuse(away);
    bench.driver.log().add("0", "a");
    bench.pass(Duration.ofMillis(100));
    assertThat(told).as("the first at once").hasSize(1);
    bench.pass(OUTAGE);
    bench.driver.liveGroup().refuse(null);
    bench.pass(Duration.ofSeconds(3));
    assertThat(member.metrics().commitsFailed()).isGreaterThan(10);
    saidNowAndThen("storing the group's cursor");
    assertThat(member.metrics().acked()).isEqualTo(1);
  }

  @Test
  void failingReadsAreToldOnceInAWhileAndWhenTheyWorkAgain() {
    Subscription member = bench.push(delivery -> {});
    bench.driver.log().fail(away);
    bench.turn();
    assertThat(told).as("the first at once").hasSize(1);
    bench.pass(OUTAGE);
    bench.driver.log().fail(null);
    bench.pass(Duration.ofSeconds(4));
    assertThat(member.metrics().readsFailed()).isGreaterThan(10);
    saidNowAndThen("reading");
  }

  private void saidNowAndThen(String what) {
    // Every five seconds, at the first failure after that.
    assertThat(told).hasSizeBetween(4, 5).allMatch(BrokerUnavailableException.class::isInstance);
    assertThat(logged.stream().filter(line -> line.contains("away, for the test")))
        .hasSize(told.size());
    assertThat(logged.stream().filter(line -> line.contains("failures since this was told last")))
        .hasSize(told.size() - 1);
    assertThat(logged.stream().filter(line -> line.contains("works again")))
        .singleElement()
        .asString()
        .contains(what + " works again, after ");
  }

  @Test
  void aFailureOfAnotherKindIsToldAtOnce() {
    bench.push(delivery -> {});
    bench.driver.log().fail(away);
    bench.pass(Duration.ofSeconds(1));
    bench.driver.log().fail(new DriverException(ErrorKind.UNKNOWN, "odd", null));
    bench.pass(Duration.ofSeconds(1));
    assertThat(told).hasSizeGreaterThanOrEqualTo(2);
    assertThat(told.get(1)).isNotInstanceOf(BrokerUnavailableException.class);
  }

  @Test
  void aTopicThatIsDeletedUnderAnIdleMemberFailsIt() {
    Subscription member = bench.push(delivery -> {});
    bench.pass(Duration.ofSeconds(1));
    bench.driver.log().exists(false);
    bench.pass(Duration.ofSeconds(30));
    assertThat(member.failure()).containsInstanceOf(TopicNotFoundException.class);
    assertThat(told).singleElement().isInstanceOf(TopicNotFoundException.class);
    assertThat(member.stopped().toCompletableFuture()).isCompletedExceptionally();
  }

  @Test
  void aBrokerThatDoesNotKnowTheTopicForAMomentFailsNothing() {
    Subscription member = bench.push(delivery -> {});
    bench.pass(Duration.ofSeconds(19));
    bench.driver.log().exists(false);
    bench.pass(Duration.ofMillis(1500));
    bench.driver.log().exists(true);
    bench.pass(Duration.ofSeconds(60));
    assertThat(member.failure()).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void waitsBeyondTheClockAreAsLongAsItGoes() {
    Duration ever = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    bench.driver.log().add("0", "a", "b");
    Consumer<String> member = bench.pull();
    CompletableFuture<List<Delivery<String>>> batch =
        SimulatedMembers.receive(member, 2).toCompletableFuture();
    bench.turn();
    CompletableFuture<Settlement> nacked = batch.join().get(0).nack(ever).toCompletableFuture();
    var again = SimulatedMembers.receive(member, 1).toCompletableFuture();
    bench.pass(Duration.ofSeconds(5));
    assertThat(nacked).isCompletedWithValue(Settlement.DONE);
    assertThat(again).isNotDone();
    assertThat(member.failure()).isEmpty();
    var closed = SimulatedMembers.close(member, ever).toCompletableFuture();
    bench.pass(Duration.ofSeconds(5));
    assertThat(closed).as("waits for the other one").isNotDone();
    batch.join().get(1).ack();
    bench.turn();
    assertThat(closed).isCompleted();
  }
}
