package dev.isostream.conformance.history;

import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.Event.SendConfirmed;
import dev.isostream.conformance.history.Event.SendFailed;
import dev.isostream.conformance.history.Event.Sent;
import dev.isostream.conformance.history.Event.SettleDecided;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/** Events in the order in which they were recorded. Thread-safe. */
public final class History {

  /** A condition may look at much, so it is not asked again more often than this. */
  private static final long STEP_NANOS = 2_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Event> events = new ArrayList<>();
  private final Set<String> undecided = new HashSet<>();
  private final Set<Long> unsettled = new HashSet<>();
  private final AtomicLong numbers = new AtomicLong();

  /** A number that was not given before: for handings and batches. */
  public long number() {
    return numbers.incrementAndGet();
  }

  /** Records what the function makes of the time now. */
  public void record(LongFunction<Event> event) {
    lock.lock();
    try {
      Event made = event.apply(System.nanoTime());
      events.add(made);
      account(made);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void account(Event event) {
    if (event instanceof Sent sent) {
      undecided.add(sent.id());
    } else if (event instanceof SendConfirmed confirmed) {
      undecided.remove(confirmed.id());
    } else if (event instanceof SendFailed failed) {
      undecided.remove(failed.id());
    } else if (event instanceof Handed handed) {
      unsettled.add(handed.handing());
    } else if (event instanceof SettleDecided decided && decided.outcome() == Outcome.DONE) {
      unsettled.remove(decided.handing());
    }
  }

  /** Records the beginning of harm with what was undecided at that moment. */
  public Event.FaultBegan faultBegan(String name) {
    lock.lock();
    try {
      Event.FaultBegan fault =
          new Event.FaultBegan(System.nanoTime(), name, undecided.size(), unsettled.size());
      events.add(fault);
      return fault;
    } finally {
      lock.unlock();
    }
  }

  /** How many sends are undecided now. */
  public int undecidedSends() {
    lock.lock();
    try {
      return undecided.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many handings are not durably settled now. */
  public int unsettledHandings() {
    lock.lock();
    try {
      return unsettled.size();
    } finally {
      lock.unlock();
    }
  }

  /** All events so far. */
  public List<Event> events() {
    lock.lock();
    try {
      return List.copyOf(events);
    } finally {
      lock.unlock();
    }
  }

  /** All events of one kind so far that pass. */
  public <E extends Event> List<E> all(Class<E> kind, Predicate<? super E> filter) {
    return events().stream().filter(kind::isInstance).map(kind::cast).filter(filter).toList();
  }

  /** How many events of one kind there are. */
  public long count(Class<? extends Event> kind) {
    lock.lock();
    try {
      return events.stream().filter(kind::isInstance).count();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the condition holds; it is asked after events and every now and then.
   *
   * @return whether it came to hold within the limit
   */
  public boolean await(BooleanSupplier condition, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return condition.getAsBoolean();
      }
      lock.lock();
      try {
        long unused = changed.awaitNanos(Math.min(left, STEP_NANOS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for what was to happen", e);
      } finally {
        lock.unlock();
      }
    }
    return true;
  }
}
