package dev.isostream.core;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.DeliveryPublisher;
import dev.isostream.MessageHandler;
import dev.isostream.Subscription;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.Topic;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.consume.Members;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Starts members that hand out. One thread only. */
final class DefaultSubscriptionBuilder<T extends @Nullable Object>
    extends AbstractMemberBuilder<T, SubscriptionBuilder<T>> implements SubscriptionBuilder<T> {

  private int concurrency;
  private @Nullable Executor executor;

  DefaultSubscriptionBuilder(DefaultMessaging messaging, Topic<T> topic) {
    super(messaging, topic);
    this.concurrency = messaging.configuration().consumer().concurrency();
  }

  @Override
  SubscriptionBuilder<T> self() {
    return this;
  }

  @Override
  public SubscriptionBuilder<T> concurrency(int deliveries) {
    this.concurrency = deliveries;
    return this;
  }

  @Override
  public SubscriptionBuilder<T> executor(Executor value) {
    this.executor = Objects.requireNonNull(value, "executor");
    return this;
  }

  @Override
  public Subscription handle(MessageHandler<T> handler) {
    MessageHandler<T> marked = messaging.inside().mark(Objects.requireNonNull(handler, "handler"));
    MemberSettings<T> settings = settings();
    Executor chosen = executor;
    return messaging.openMember(() -> Members.push(messaging.context(), settings, marked, chosen));
  }

  @Override
  public Subscription handleAsync(AsyncMessageHandler<T> handler) {
    AsyncMessageHandler<T> marked =
        messaging.inside().markAsync(Objects.requireNonNull(handler, "handler"));
    MemberSettings<T> settings = settings();
    Executor chosen = executor;
    return messaging.openMember(
        () -> Members.pushAsync(messaging.context(), settings, marked, chosen));
  }

  @Override
  public DeliveryPublisher<T> publisher() {
    MemberSettings<T> settings = settings();
    Executor chosen = executor;
    return messaging.openMember(
        () ->
            new MarkedPublisher<>(
                Members.publisher(messaging.context(), settings, chosen), messaging.inside()));
  }

  private MemberSettings<T> settings() {
    return check(OptionalInt.of(concurrency));
  }
}
