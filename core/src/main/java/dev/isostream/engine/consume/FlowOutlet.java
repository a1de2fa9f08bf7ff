package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.Delivery;
import dev.isostream.InvalidRequestException;
import dev.isostream.engine.EngineRuntime;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Hands deliveries to one reactive subscriber: no more than it requested, one signal at a time, on
 * the executor, never on the loop.
 */
final class FlowOutlet<T> implements Outlet<T>, Flow.Publisher<Delivery<T>> {

  private static final Logger LOG = System.getLogger("dev.isostream.member");
  private static final int BATCH_MAX = 256;
  private static final long REJECTED_WAIT_NANOS = 10_000_000L;

  private final MemberLoop<T> member;
  private final Executor executor;
  private final EngineRuntime runtime;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final AtomicBoolean completed = new AtomicBoolean();
  private final Set<Thread> handlerThreads = ConcurrentHashMap.newKeySet();

  /** Set by the loop once the subscriber has its subscription: nothing is signalled before. */
  private volatile Flow.@Nullable Subscriber<? super Delivery<T>> subscriber;

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
    if (!taken.compareAndSet(false, true)) {
      wanted.onSubscribe(new Demand());
      wanted.onError(
          new IllegalStateException("This publisher takes one subscriber, and has one."));
      return;
    }
    wanted.onSubscribe(new Demand());
    member.onLoop(() -> subscribed(wanted));
    if (member.hasEnded() && subscriber == null) {
      // Nobody may look at what was posted just now.
      complete(wanted);
    }
  }

  private void subscribed(Flow.Subscriber<? super Delivery<T>> wanted) {
    subscriber = wanted;
    if (over) {
      complete(wanted);
    }
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
    Flow.Subscriber<? super Delivery<T>> to = subscriber;
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
    boolean given = false;
    try {
      executor.execute(() -> signal(to, batch));
      given = true;
    } catch (RejectedExecutionException e) {
      tryAgainNanos = runtime.nanoTime() + REJECTED_WAIT_NANOS;
    } finally {
      if (!given) {
        signalling = false;
        PullOutlet.giveBack(member, batch);
      }
    }
  }

  private void signal(Flow.Subscriber<? super Delivery<T>> to, List<HeldDelivery<T>> batch) {
    Thread self = Thread.currentThread();
    List<Delivery<T>> usable = PullOutlet.usable(member, batch);
    int shown = 0;
    Throwable thrown = null;
    handlerThreads.add(self);
    try {
      for (Delivery<T> delivery : usable) {
        if (unwanted) {
          break;
        }
        shown++;
        to.onNext(delivery);
      }
    } catch (Throwable t) {
      thrown = t;
    } finally {
      handlerThreads.remove(self);
    }
    int count = shown;
    Throwable failure = thrown;
    member.onLoop(() -> signalled(to, usable, count, failure));
  }

  private void signalled(
      Flow.Subscriber<? super Delivery<T>> to,
      List<Delivery<T>> usable,
      int shown,
      @Nullable Throwable thrown) {
    demand = demand == Long.MAX_VALUE ? demand : demand - shown;
    signalling = false;
    if (thrown != null) {
      member.fail(new InvalidRequestException("The subscriber threw, which it must not.", thrown));
      List<HeldDelivery<T>> unseen = new ArrayList<>();
      for (Delivery<T> delivery : usable.subList(shown, usable.size())) {
        unseen.add((HeldDelivery<T>) delivery);
      }
      PullOutlet.giveBack(member, unseen);
    }
    if (over) {
      complete(to);
    }
  }

  /** The last signal, once; from the loop, or where that has ended before it knew of anyone. */
  private void complete(Flow.Subscriber<? super Delivery<T>> to) {
    if (cancelled || !completed.compareAndSet(false, true)) {
      return;
    }
    cancelled = true;
    // Of all failures this one has a class that Flow.Subscription prescribes.
    RuntimeException shown = misuse != null ? misuse : member.failure();
    Runnable last = () -> signalEnd(to, shown);
    try {
      executor.execute(last);
    } catch (RejectedExecutionException e) {
      last.run();
    }
  }

  private static void signalEnd(Flow.Subscriber<?> to, @Nullable RuntimeException failure) {
    try {
      if (failure == null || failure instanceof ClosedException) {
        to.onComplete();
      } else {
        to.onError(failure);
      }
    } catch (Throwable e) { // it may be the member's thread, which has yet to end
      LOG.log(Level.WARNING, "A subscriber threw when it was told of the end.", e);
    }
  }

  @Override
  public void ended() {
    over = true;
    Flow.Subscriber<? super Delivery<T>> to = subscriber;
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
    return handlerThreads.contains(Thread.currentThread());
  }
}
