package dev.isostream.engine.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.GroupMember;
import dev.isostream.MemberListener;
import dev.isostream.MemberMetrics;
import dev.isostream.MessageInfo;
import dev.isostream.Position;
import dev.isostream.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FiguresTest {

  private final List<Long> seenByListener = new ArrayList<>();
  private final OneMember bench = new OneMember(new Listening());
  private @Nullable GroupMember member;

  /** Asks for the figures of what it is told. */
  private final class Listening implements MemberListener {
    @Override
    public void stuck(MessageInfo message, Duration age) {
      seenByListener.add(metrics().stuckReported());
    }

    @Override
    public void gap(String partition, Position expected, @Nullable Position continuedAt) {
      seenByListener.add(metrics().gaps());
    }
  }

  private MemberMetrics metrics() {
    return Objects.requireNonNull(member).metrics();
  }

  @Test
  void countWhatBecomesOfMessages() {
    bench.driver.log().add("0", "a", "bad", "b", "c");
    Subscription made =
        bench.push(
            delivery -> {
              if (delivery.payload().equals("bad")) {
                throw new IllegalStateException("for the test");
              }
            });
    bench.turn();
    MemberMetrics all = made.metrics();
    assertThat(all.fetched()).isEqualTo(4);
    assertThat(all.handedOut()).isEqualTo(5);
    assertThat(all.redelivered()).isEqualTo(1);
    assertThat(all.takenBack()).isZero();
    assertThat(all.acked()).isEqualTo(3);
    assertThat(all.failedAttempts()).isEqualTo(2);
    assertThat(all.discarded()).isEqualTo(1);
    assertThat(all.settled()).isEqualTo(4);
    assertThat(all.inHand()).isZero();
    assertThat(all.inFlightMessages()).isZero();
    assertThat(all.inFlightBytes()).isZero();
    assertThat(all.gaps()).isZero();
    assertThat(all.messagesLost()).hasValue(0);
    assertThat(all.commitsFailed()).isZero();
    assertThat(all.toString()).contains("handedOut=5");
  }

  @Test
  void nothingNewMakesNoNewSnapshot() {
    Subscription made = bench.push(delivery -> {});
    bench.turn();
    MemberMetrics before = made.metrics();
    bench.turn();
    assertThat(made.metrics()).isSameAs(before);
  }

  @Test
  void showWhatIsStuckAndForHowLong() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    bench.driver.log().add("0", "slow", "slow too");
    Subscription made = bench.pushAsync(delivery -> stage);
    member = made;
    bench.turn();
    assertThat(made.metrics().inHand()).isEqualTo(2);
    assertThat(made.metrics().stuckNow()).isZero();
    bench.pass(OneMember.STUCK_AFTER.multipliedBy(3));
    MemberMetrics stuck = made.metrics();
    assertThat(stuck.stuckNow()).isEqualTo(2);
    assertThat(stuck.stuckReported()).isEqualTo(2);
    assertThat(stuck.longestInHand())
        .isBetween(OneMember.STUCK_AFTER, OneMember.STUCK_AFTER.multipliedBy(3));
    assertThat(stuck.inFlightMessages()).isEqualTo(2);
    assertThat(stuck.inFlightBytes()).isEqualTo(2);
    assertThat(seenByListener).containsExactly(1L, 2L);
    stage.complete(null);
    bench.turn();
    MemberMetrics over = made.metrics();
    assertThat(over.stuckNow()).isZero();
    assertThat(over.longestInHand()).isZero();
    assertThat(over.stuckReported()).isEqualTo(2);
    assertThat(over.acked()).isEqualTo(2);
  }

  @Test
  void countGapsAndWhatWasInThem() {
    Subscription made = bench.push(delivery -> {});
    member = made;
    bench.driver.log().add("0", "a", "b", "c", "d", "e");
    bench.driver.log().removeBefore("0", 3);
    bench.turn();
    assertThat(made.metrics().gaps()).isEqualTo(1);
    assertThat(made.metrics().messagesLost()).hasValue(3);
    assertThat(made.metrics().acked()).isEqualTo(2);
    assertThat(seenByListener).containsExactly(1L);
  }

  @Test
  void countWhatIsTakenBackAndStayAfterTheEnd() {
    bench.driver.log().add("0", "a", "b");
    Consumer<String> made = bench.pull();
    CompletableFuture<List<Delivery<String>>> batch =
        SimulatedMembers.receive(made, 2).toCompletableFuture();
    bench.turn();
    assertThat(batch.join()).hasSize(2);
    SimulatedMembers.close(made, Duration.ZERO);
    bench.turn();
    assertThat(made.stopped().toCompletableFuture()).isCompleted();
    assertThat(made.metrics().takenBack()).isEqualTo(2);
    assertThat(made.metrics().inHand()).isZero();
    assertThat(made.metrics().inFlightMessages()).isZero();
  }
}
