package dev.isostream.engine.consume;

import dev.isostream.MessageHandler;
import dev.isostream.engine.EngineRuntime;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hands deliveries to a handler on an executor. Runs wait in one queue; workers, at most as many as
 * the concurrency says, take from it until it is empty.
 *
 * <p>How far ahead runs are offered follows how long handlers take: slow ones get a run or two per
 * worker, so that little is kept from other members; fast ones get many, so that neither side waits
 * for the other.
 */
final class PushOutlet<T> implements Outlet<T> {

  private static final int QUEUE_CAPACITY = 1024;
  private static final int RUN_MAX = 64;

  /**
   * Below this a handler is so fast that more workers than processors only get in each other's way.
   */
  private static final long FAST_NANOS = 10_000L;

  private static final long SLOW_NANOS = 200_000L;

  /** From here on being woken for each one costs nothing that is worth sparing. */
  private static final long LONG_NANOS = 20_000_000L;

  private static final long LOOK_AGAIN_NANOS = 1_000_000L;
  private static final long REJECTED_WAIT_NANOS = 10_000_000L;

  private final MemberLoop<T> member;
  private final MessageHandler<T> handler;
  private final Executor executor;
  private final EngineRuntime runtime;
  private final int concurrency;
  private final int processors;
  private final Dispatcher.Kind kind;
  private final RunQueue<T> queue = new RunQueue<>(QUEUE_CAPACITY);
  private final AtomicInteger workers = new AtomicInteger();
  private final Set<Thread> handlerThreads = ConcurrentHashMap.newKeySet();
  private volatile long handlerNanos = SLOW_NANOS;
  private volatile int lowWater = 1;
  private long lookAgainNanos = Long.MAX_VALUE;
  private int extraWorkers;

  PushOutlet(
      MemberLoop<T> member,
      MessageHandler<T> handler,
      Executor executor,
      EngineRuntime runtime,
      int processors) {
    this.member = member;
    this.handler = handler;
    this.executor = executor;
    this.runtime = runtime;
    this.concurrency = member.settings().concurrency();
    this.processors = processors;
    this.kind = concurrency > 1 ? Dispatcher.Kind.ONE_KEY : Dispatcher.Kind.STRICTLY_STORED_ORDER;
  }

  // --- the loop's side

  @Override
  public void pump() {
    boolean slow = handlerNanos >= SLOW_NANOS;
    int ahead = Math.min(QUEUE_CAPACITY, slow ? slowAhead() : Math.max(concurrency, 512));
    int run = slow || (concurrency == 1 && handlerNanos >= FAST_NANOS) ? 1 : RUN_MAX;
    boolean offeredAny = false;
    while (member.dispatcher().offered() < ahead && queue.size() < QUEUE_CAPACITY) {
      HeldDelivery<T> first = member.dispatcher().nextRun(run, kind);
      if (first == null) {
        break;
      }
      queue.offer(first);
      offeredAny = true;
    }
    lowWater = Math.max(1, queue.size() / 2);
    hire(offeredAny);
  }

  /** A run for each worker, and one in waiting unless handlers are so slow that it need not. */
  private int slowAhead() {
    return handlerNanos < LONG_NANOS ? 2 * concurrency : concurrency;
  }

  @Override
  public boolean isHungry() {
    return queue.size() < lowWater;
  }

  /** Sees to it that there are workers for what waits. */
  private void hire(boolean offeredAny) {
    int waiting = queue.size();
    if (waiting == 0) {
      lookAgainNanos = Long.MAX_VALUE;
      extraWorkers = 0;
      return;
    }
    long now = runtime.nanoTime();
    if (!offeredAny && lookAgainNanos <= now) {
      // Nothing moved for a while: those that work are busier than they used to be.
      extraWorkers = Math.max(1, extraWorkers * 2);
    } else if (offeredAny) {
      extraWorkers = 0;
    }
    int fast = Math.min(concurrency, processors);
    int want = handlerNanos < FAST_NANOS ? fast + extraWorkers : workers.get() + waiting;
    want = Math.min(want, concurrency);
    lookAgainNanos = workers.get() < concurrency ? now + LOOK_AGAIN_NANOS : Long.MAX_VALUE;
    // Counted down here: workers may end as fast as they are hired.
    for (int missing = want - workers.get(); missing > 0; missing--) {
      workers.incrementAndGet();
      try {
        executor.execute(this::work);
      } catch (RejectedExecutionException e) {
        // The runs stay in the queue, where they can be taken back, and are tried again.
        workers.decrementAndGet();
        lookAgainNanos = now + REJECTED_WAIT_NANOS;
        return;
      }
    }
  }

  @Override
  public long deadline() {
    return lookAgainNanos;
  }

  @Override
  public void takeBack() {
    boolean all = member.isHalted();
    for (int left = queue.size(); left > 0; left--) {
      HeldDelivery<T> first = queue.poll();
      if (first == null) {
        return;
      }
      if (all || first.lane.isStopped()) {
        member.settler().tookBack(first);
      } else {
        queue.offer(first);
      }
    }
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
    // Workers end by themselves: nothing is offered any more.
  }

  // --- the workers' side

  private void work() {
    Thread self = Thread.currentThread();
    handlerThreads.add(self);
    try {
      do {
        HeldDelivery<T> first;
        while ((first = queue.poll()) != null) {
          if (isHungry()) {
            member.mailbox().hungry();
          }
          run(self, first);
        }
        workers.decrementAndGet();
        // A run offered just now may have seen this worker still at work.
      } while (queue.size() > 0 && tryReturn());
    } finally {
      handlerThreads.remove(self);
    }
  }

  private boolean tryReturn() {
    int working;
    do {
      working = workers.get();
      if (working >= concurrency) {
        return false;
      }
    } while (!workers.compareAndSet(working, working + 1));
    return true;
  }

  private void run(Thread self, HeldDelivery<T> first) {
    long began = runtime.nanoTime();
    HeldDelivery<T> at = first;
    while (at != null) {
      HeldDelivery<T> next = at.nextInRun;
      if (at.lane.isStopped() || member.isHalted()) {
        member.mailbox().post(at, true);
        return;
      }
      boolean goOn = handle(self, at, began);
      long ended = runtime.nanoTime();
      learn(ended - began);
      began = ended;
      if (!goOn) {
        if (next != null) {
          member.mailbox().post(next, true);
        }
        return;
      }
      at = next;
    }
  }

  /** Handles one; says whether the next of the run may follow. */
  private boolean handle(Thread self, HeldDelivery<T> delivery, long now) {
    // First, so that whoever takes it back finds the thread to interrupt.
    delivery.runBy(self);
    if (!delivery.handOut(now)) {
      delivery.runEnded();
      return false;
    }
    Throwable thrown = null;
    try {
      if (Filtering.passes(member.settings().filter(), delivery)) {
        delivery.payload();
        handler.handle(delivery);
      }
    } catch (Throwable t) {
      thrown = t;
    }
    delivery.runEnded();
    return concluded(member, delivery, thrown);
  }

  /** The handler is over: settles what it did not; says whether the next of the run may follow. */
  static <T> boolean concluded(
      MemberLoop<T> member, HeldDelivery<T> delivery, @Nullable Throwable thrown) {
    boolean byReturn = thrown == null ? delivery.ackOnReturn() : delivery.nackOnThrow(thrown);
    if (byReturn) {
      member.mailbox().post(delivery, thrown != null);
      return thrown == null;
    }
    member.mailbox().post(new Task(() -> member.settler().handlerReturned(delivery)), true);
    return delivery.state() == HeldDelivery.ACKED;
  }

  /** A moving average, written by all workers without care: it only guides. */
  private void learn(long nanos) {
    long was = handlerNanos;
    handlerNanos = nanos > was * 8 ? nanos : was + (nanos - was) / 8;
  }
}
