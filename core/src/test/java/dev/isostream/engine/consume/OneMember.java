package dev.isostream.engine.consume;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.DeliveryPublisher;
import dev.isostream.Exhausted;
import dev.isostream.GroupMember;
import dev.isostream.Limits;
import dev.isostream.MemberListener;
import dev.isostream.MessageHandler;
import dev.isostream.Ordering;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.ManualRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A member on a fake driver, turned by the test. */
final class OneMember {

  static final Duration STUCK_AFTER = Duration.ofMillis(100);
  private static final Duration STEP = Duration.ofMillis(50);

  final ManualRuntime runtime = new ManualRuntime(1);
  final FakeDriver driver = new FakeDriver(FakeDriver.direct(), Limits.builder().build());
  private final MemberListener listener;
  private EngineRuntime.@Nullable Loop loop;

  OneMember(MemberListener listener) {
    this.listener = listener;
    driver.live();
  }

  Subscription push(MessageHandler<String> handler) {
    return started(Members.startPush(driver.context(runtime), settings(), handler, null));
  }

  Subscription pushAsync(AsyncMessageHandler<String> handler) {
    return started(Members.startPushAsync(driver.context(runtime), settings(), handler, null));
  }

  DeliveryPublisher<String> publisher() {
    return started(Members.startPublisher(driver.context(runtime), settings(), null));
  }

  Consumer<String> pull() {
    return started(Members.startPull(driver.context(runtime), settings()));
  }

  private MemberSettings<String> settings() {
    return new MemberSettings<>(
        Topic.of("t", Codecs.utf8()),
        "g",
        StartAt.earliest(),
        Ordering.KEY,
        Retry.fixed(Duration.ZERO).maxAttempts(2),
        null,
        Exhausted.DISCARD,
        null,
        4,
        100,
        1_000_000,
        Duration.ofSeconds(1),
        STUCK_AFTER,
        List.of(listener));
  }

  private <M extends GroupMember> M started(Joining<M> joining) {
    CompletableFuture<M> member = joining.member().toCompletableFuture();
    loop = runtime.takeStarted();
    turn();
    return member.join();
  }

  /** Lets it do what there is to do. */
  void turn() {
    EngineRuntime.Loop turned = Objects.requireNonNull(loop);
    for (int i = 0; i < 30 && turned.turn(0); i++) {
      runtime.settle();
    }
  }

  /** Lets time go by, in steps in which it may do what is due. */
  void pass(Duration time) {
    for (Duration left = time; !left.isZero(); left = left.minus(STEP)) {
      runtime.advance(STEP);
      turn();
    }
  }
}
