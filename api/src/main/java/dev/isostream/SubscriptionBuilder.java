package dev.isostream;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The settings of a member that hands messages to a handler. Ends in one of three ways. */
public interface SubscriptionBuilder<T extends @Nullable Object>
    extends MemberBuilder<T, SubscriptionBuilder<T>> {

  /** The most deliveries being handled at once. Default 16 (contract O2). */
  SubscriptionBuilder<T> concurrency(int deliveries);

  /** Where the handler runs; default as {@link MessagingBuilder#handlerExecutor}. */
  SubscriptionBuilder<T> executor(Executor executor);

  /**
   * Joins the group and starts handling.
   *
   * <p>Blocks: until the group exists durably: whatever is published after the return is delivered
   * to it (contract G1). A broker that can't be reached is tried again, for the request timeout at
   * most.
   *
   * <p>Fails: {@link ConfigurationException} for settings that don't fit each other or the backend;
   * {@link IncompatibleGroupException} where other members have others (G10); and as {@link
   * ProducerBuilder#open}.
   */
  Subscription handle(MessageHandler<T> handler);

  /** As {@link #handle}, for handlers that return a stage. */
  Subscription handleAsync(AsyncMessageHandler<T> handler);

  /** As {@link #handle}, with a reactive stream in the handler's place. */
  DeliveryPublisher<T> publisher();
}
