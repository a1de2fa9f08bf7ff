package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.Delivery;
import dev.isostream.InvalidRequestException;
import dev.isostream.MessagingException;
import dev.isostream.engine.EngineRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Hands deliveries to one reactive subscriber: no more than it requested, one signal at a time, on
 * the executor, never on the loop.
 */
final class FlowOutlet<T> implements Outlet<T>, Flow.Publisher<Delivery<T>> {

  private static final int BATCH_MAX = 256;
  private static final long REJECTED_WAIT_NANOS = 10_000_000L;

  private final MemberLoop<T> member;
  private final Executor executor;
  private final EngineRuntime runtime;
  private final AtomicReference<Flow.@Nullable Subscriber<? super Delivery<T>>> subscriber =
      new AtomicReference<>();
  private long demand;
  private boolean signalling;
  private boolean cancelled;
  private boolean over;
  private @Nullable IllegalArgumentException misuse;
  private volatile boolean unwanted;
  private long tryAgainNanos = Long.MAX_VALUE;

  FlowOutlet(MemberLoop<T> member, Executor executor, EngineRuntime runtime) {
    this.member = member;
    this.executor = executor;
    this.runtime = runtime;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Delivery<T>> wanted) {
    Objects.requireNonNull(wanted, "subscriber");
    if (!subscriber.compareAndSet(null, wanted)) {
      wanted.onSubscribe(new Demand());
      wanted.onError(
          new IllegalStateException("This publisher takes one subscriber, and has one."));
      return;
    }
    wanted.onSubscribe(new Demand());
  }

  private final class Demand implements Flow.Subscription {
    @Override
    public void request(long n) {
      member.onLoop(() -> requested(n));
    }

    @Override
    public void cancel() {
      unwanted = true;
      member.onLoop(() -> cancelled = true);
      member.end(Duration.ZERO);
    }
  }

  private void requested(long n) {
    if (n <= 0) {
      String problem = "request must be 1 or more, was " + n + ".";
      misuse = new IllegalArgumentException(problem);
      member.fail(new InvalidRequestException(problem, misuse));
      return;
    }
    demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
  }

  @Override
  public void pump() {
    Flow.Subscriber<? super Delivery<T>> to = subscriber.get();
    if (to == null || signalling || cancelled || demand == 0) {
      return;
    }
    if (tryAgainNanos != Long.MAX_VALUE && runtime.nanoTime() < tryAgainNanos) {
      return;
    }
    tryAgainNanos = Long.MAX_VALUE;
    List<HeldDelivery<T>> batch =
        PullOutlet.collect(member, (int) Math.min(demand, BATCH_MAX), runtime);
    if (batch.isEmpty()) {
      return;
    }
    signalling = true;
    try {
      executor.execute(() -> signal(to, batch));
    } catch (RejectedExecutionException e) {
      signalling = false;
      for (HeldDelivery<T> delivery : batch) {
        delivery.nextInRun = null;
        if (delivery.unhand()) {
          member.settler().tookBack(delivery);
        }
      }
      tryAgainNanos = runtime.nanoTime() + REJECTED_WAIT_NANOS;
    }
  }

  private void signal(Flow.Subscriber<? super Delivery<T>> to, List<HeldDelivery<T>> batch) {
    List<Delivery<T>> usable = PullOutlet.usable(member, batch);
    int shown = 0;
    try {
      for (Delivery<T> delivery : usable) {
        if (unwanted) {
          break;
        }
        shown++;
        to.onNext(delivery);
      }
    } catch (RuntimeException e) {
      member.onLoop(
          () ->
              member.fail(
                  new InvalidRequestException("The subscriber threw, which it must not.", e)));
    }
    int count = shown;
    member.onLoop(
        () -> {
          demand = demand == Long.MAX_VALUE ? demand : demand - count;
          signalling = false;
          if (over) {
            complete(to);
          }
        });
  }

  private void complete(Flow.Subscriber<? super Delivery<T>> to) {
    if (cancelled) {
      return;
    }
    cancelled = true;
    MessagingException failure = member.failure();
    // Of all failures this one has a class that Flow.Subscription prescribes.
    RuntimeException shown = misuse != null ? misuse : failure;
    Runnable last =
        shown == null || shown instanceof ClosedException
            ? to::onComplete
            : () -> to.onError(shown);
    try {
      executor.execute(last);
    } catch (RejectedExecutionException e) {
      last.run();
    }
  }

  @Override
  public void ended() {
    over = true;
    Flow.Subscriber<? super Delivery<T>> to = subscriber.get();
    if (to != null && !signalling) {
      complete(to);
    }
  }

  @Override
  public long deadline() {
    return tryAgainNanos;
  }

  @Override
  public void takeBack() {
    // Nothing is on its way: what is handed out is in hand at once.
  }

  @Override
  public boolean runsHandlers() {
    return false;
  }

  @Override
  public boolean isHandlerThread() {
    return false;
  }
}
