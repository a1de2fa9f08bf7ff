package dev.isostream.engine.consume;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.Consumer;
import dev.isostream.DeliveryPublisher;
import dev.isostream.MessageHandler;
import dev.isostream.Subscription;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.MemberSettings;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Opens members of groups.
 *
 * <p>The plain methods block until the group exists durably (contract G1); {@link Joining} starts
 * without blocking, for those who can't.
 */
public final class Members {

  private Members() {}

  /** A member with a handler that returns when it is done. */
  public static <T> Subscription push(
      EngineContext context,
      MemberSettings<T> settings,
      MessageHandler<T> handler,
      @Nullable Executor executor) {
    return startPush(context, settings, handler, executor).await();
  }

  /** A member with a handler that returns a stage. */
  public static <T> Subscription pushAsync(
      EngineContext context,
      MemberSettings<T> settings,
      AsyncMessageHandler<T> handler,
      @Nullable Executor executor) {
    return startPushAsync(context, settings, handler, executor).await();
  }

  /** A member as a reactive stream. */
  public static <T> DeliveryPublisher<T> publisher(
      EngineContext context, MemberSettings<T> settings, @Nullable Executor executor) {
    return startPublisher(context, settings, executor).await();
  }

  /** A member that is asked for messages. */
  public static <T> Consumer<T> pull(EngineContext context, MemberSettings<T> settings) {
    return startPull(context, settings).await();
  }

  /** As {@link #push}, without waiting. */
  public static <T> Joining<Subscription> startPush(
      EngineContext context,
      MemberSettings<T> settings,
      MessageHandler<T> handler,
      @Nullable Executor executor) {
    Executor runs = executor == null ? context.runtime().handlers() : executor;
    return Joining.start(
        context,
        settings,
        loop ->
            new PushOutlet<>(
                loop, handler, runs, context.runtime(), Runtime.getRuntime().availableProcessors()),
        PushMember::new);
  }

  /** As {@link #pushAsync}, without waiting. */
  public static <T> Joining<Subscription> startPushAsync(
      EngineContext context,
      MemberSettings<T> settings,
      AsyncMessageHandler<T> handler,
      @Nullable Executor executor) {
    Executor runs = executor == null ? context.runtime().handlers() : executor;
    return Joining.start(
        context,
        settings,
        loop -> new AsyncOutlet<>(loop, handler, runs, context.runtime()),
        PushMember::new);
  }

  /** As {@link #publisher}, without waiting. */
  public static <T> Joining<DeliveryPublisher<T>> startPublisher(
      EngineContext context, MemberSettings<T> settings, @Nullable Executor executor) {
    Executor runs = executor == null ? context.runtime().handlers() : executor;
    return Joining.start(
        context,
        settings,
        loop -> new FlowOutlet<>(loop, runs, context.runtime()),
        FlowMember::new);
  }

  /** As {@link #pull}, without waiting. */
  public static <T> Joining<Consumer<T>> startPull(
      EngineContext context, MemberSettings<T> settings) {
    return Joining.start(
        context, settings, loop -> new PullOutlet<>(loop, context.runtime()), PullMember::new);
  }
}
