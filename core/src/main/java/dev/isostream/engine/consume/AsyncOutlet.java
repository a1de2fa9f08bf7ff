package dev.isostream.engine.consume;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.engine.EngineRuntime;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Hands deliveries to a handler that returns a stage, as many at once as the concurrency says. */
final class AsyncOutlet<T> implements Outlet<T> {

  private static final long REJECTED_WAIT_NANOS = 10_000_000L;

  private final MemberLoop<T> member;
  private final AsyncMessageHandler<T> handler;
  private final Executor executor;
  private final EngineRuntime runtime;
  private final Set<Thread> handlerThreads = ConcurrentHashMap.newKeySet();
  private long tryAgainNanos = Long.MAX_VALUE;

  AsyncOutlet(
      MemberLoop<T> member,
      AsyncMessageHandler<T> handler,
      Executor executor,
      EngineRuntime runtime) {
    this.member = member;
    this.handler = handler;
    this.executor = executor;
    this.runtime = runtime;
  }

  @Override
  public void pump() {
    if (tryAgainNanos != Long.MAX_VALUE && runtime.nanoTime() < tryAgainNanos) {
      return;
    }
    tryAgainNanos = Long.MAX_VALUE;
    int concurrency = member.settings().concurrency();
    Dispatcher.Kind kind =
        concurrency > 1 ? Dispatcher.Kind.ONE_KEY : Dispatcher.Kind.STRICTLY_STORED_ORDER;
    while (member.dispatcher().offered() < concurrency) {
      HeldDelivery<T> next = member.dispatcher().nextRun(1, kind);
      if (next == null) {
        return;
      }
      try {
        executor.execute(() -> start(next));
      } catch (RejectedExecutionException e) {
        member.settler().tookBack(next);
        tryAgainNanos = runtime.nanoTime() + REJECTED_WAIT_NANOS;
        return;
      }
    }
  }

  @Override
  public long deadline() {
    return tryAgainNanos;
  }

  private void start(HeldDelivery<T> delivery) {
    if (delivery.lane.isStopped() || member.isHalted() || !delivery.handOut(runtime.nanoTime())) {
      member.mailbox().post(delivery, true);
      return;
    }
    Thread self = Thread.currentThread();
    handlerThreads.add(self);
    try {
      if (Filtering.passes(member.settings().filter(), delivery)) {
        delivery.payload();
        CompletionStage<?> stage =
            Objects.requireNonNull(handler.handle(delivery), "the handler returned no stage");
        stage.whenComplete((ignored, failure) -> conclude(delivery, failure));
      } else {
        conclude(delivery, null);
      }
    } catch (Throwable t) {
      conclude(delivery, t);
    } finally {
      handlerThreads.remove(self);
    }
  }

  private void conclude(HeldDelivery<T> delivery, @Nullable Throwable failure) {
    Throwable bare =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    PushOutlet.concluded(member, delivery, bare);
  }

  @Override
  public void takeBack() {
    // What the executor has not begun yet gives itself back when it does.
  }

  @Override
  public boolean runsHandlers() {
    return true;
  }

  @Override
  public boolean isHandlerThread() {
    return handlerThreads.contains(Thread.currentThread());
  }

  @Override
  public void ended() {
    // Stages that are still open find their deliveries stale.
  }
}
