package dev.isostream.engine.publish;

import dev.isostream.BufferFullException;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.errors.Errors;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bound on what is in flight, in messages and bytes (contract P5). Thread-safe.
 *
 * <p>A message weighs one {@code long}: its count in the upper bits, its bytes in the lower ones.
 * What came in and what went out are two sums, each written by one side only; they wrap around, but
 * their difference is exact. While there is room, coming in is one compare-and-set and going out
 * one addition, and no lock.
 *
 * <p>Who waits is served in turn, and only once a good part of the room is free again: else each
 * confirmation would wake a thread for one message.
 */
final class Room {

  private static final int BYTE_BITS = 37;
  private static final long BYTE_MASK = (1L << BYTE_BITS) - 1;

  /** One message on top of a full room must not carry over into the count. */
  private static final long MAX_BYTES = BYTE_MASK - Integer.MAX_VALUE;

  private static final long MAX_MESSAGES = (1L << (Long.SIZE - 2 - BYTE_BITS)) - 1;

  /** Who waits is let in once an eighth of the room is free. */
  private static final int FREE_SHARE = 8;

  private final EngineRuntime runtime;
  private final String topic;
  private final long maxMessages;
  private final long maxBytes;
  private final PaddedCounter came = new PaddedCounter();
  private final PaddedCounter went = new PaddedCounter();
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();

  /** Guarded by the lock. */
  private boolean closed;

  /** How many wait; read without the lock, so that nobody overtakes them. */
  private volatile int waiters;

  /** What was last refused; {@link #whenFree} waits for so much. */
  private volatile long refused = weight(1);

  /** What had gone out some time ago; its age errs on the safe side. */
  private volatile long wentSeen;

  Room(EngineRuntime runtime, String topic, int maxMessages, long maxBytes) {
    this.runtime = runtime;
    this.topic = topic;
    this.maxMessages = Math.min(maxMessages, MAX_MESSAGES);
    this.maxBytes = Math.min(maxBytes, MAX_BYTES);
  }

  /** One message of so many bytes. */
  static long weight(int bytes) {
    return (1L << BYTE_BITS) | bytes;
  }

  /** The most bytes in flight, which is also the most of one message. */
  long maxBytes() {
    return maxBytes;
  }

  /** How many messages are in flight, about. */
  long messages() {
    return inFlight() >>> BYTE_BITS;
  }

  /** Comes in if there is room now and nobody waits. */
  boolean tryEnter(long weight) {
    return waiters == 0 && claim(weight);
  }

  /** As {@link #tryEnter}; a refusal is what {@link #whenFree} then waits for. */
  boolean tryEnterOrNote(long weight) {
    if (tryEnter(weight)) {
      return true;
    }
    refused = weight;
    return false;
  }

  /**
   * Comes in, waiting for room at most this long.
   *
   * <p>Fails: {@link BufferFullException}, {@link dev.isostream.ClosedException}, {@link
   * dev.isostream.InterruptedOperationException}; then it has not come in.
   */
  void enter(long weight, Duration limit) {
    Waiter waiter = new Waiter(weight, null);
    List<Waiter> stages = new ArrayList<>();
    lock.lock();
    try {
      join(waiter);
      await(waiter, limit, stages);
    } catch (InterruptedException e) {
      throw Errors.interrupted("waiting to publish to topic " + topic, e);
    } finally {
      if (!waiter.entered) {
        giveBack(waiter, stages);
      }
      lock.unlock();
      complete(stages);
    }
  }

  /** Completes when there is room for what was refused last; at once where there is. */
  CompletionStage<Void> whenFree() {
    Waiter waiter = new Waiter(refused, new CompletableFuture<>());
    List<Waiter> served = new ArrayList<>(1);
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(Errors.closed("producer of topic " + topic));
      }
      join(waiter);
      serveInTurn(served);
    } finally {
      lock.unlock();
    }
    complete(served);
    return waiter.stage().copy();
  }

  /** Goes out. */
  void leave(long weight) {
    went.getAndAdd(weight);
    if (waiters != 0 && isLow()) {
      serve();
    }
  }

  /** Lets those that wait fail; nobody is let in any more. */
  void close() {
    List<Waiter> turnedAway = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      for (Waiter waiter : waiting) {
        if (waiter.stage == null) {
          waiter.ready.signal();
        } else {
          turnedAway.add(waiter);
        }
      }
    } finally {
      lock.unlock();
    }
    for (Waiter waiter : turnedAway) {
      waiter.stage().completeExceptionally(Errors.closed("producer of topic " + topic));
    }
  }

  private boolean claim(long weight) {
    // What went is read before what came, so that too much is taken to be in flight, never too
    // little.
    long gone = wentSeen;
    while (true) {
      long before = came.get();
      if (fits(before + weight - gone)) {
        if (came.compareAndSet(before, before + weight)) {
          return true;
        }
      } else {
        long newer = went.get();
        if (newer == gone) {
          return false;
        }
        gone = newer;
        wentSeen = newer;
      }
    }
  }

  private boolean fits(long inFlight) {
    return (inFlight >>> BYTE_BITS) <= maxMessages && (inFlight & BYTE_MASK) <= maxBytes;
  }

  private long inFlight() {
    long gone = went.get();
    return came.get() - gone;
  }

  private boolean isLow() {
    long inFlight = inFlight();
    return (inFlight >>> BYTE_BITS) <= maxMessages - Math.max(1, maxMessages / FREE_SHARE)
        && (inFlight & BYTE_MASK) <= maxBytes - maxBytes / FREE_SHARE;
  }

  private void join(Waiter waiter) {
    waiting.add(waiter);
    waiters = waiting.size();
  }

  private void await(Waiter waiter, Duration limit, List<Waiter> stages)
      throws InterruptedException {
    long deadline = runtime.nanoTime() + Nanos.of(limit);
    serveInTurn(stages);
    while (!waiter.served) {
      if (closed) {
        throw Errors.closed("producer of topic " + topic);
      }
      long left = deadline - runtime.nanoTime();
      if (left <= 0) {
        serveInTurn(stages);
        if (!waiter.served) {
          throw full(limit);
        }
      } else {
        var unused = waiter.ready.awaitNanos(left);
      }
    }
    waiter.entered = true;
  }

  /** Ends a wait that came to nothing; what was given in the same moment goes back. */
  private void giveBack(Waiter waiter, List<Waiter> stages) {
    if (waiter.served) {
      went.getAndAdd(waiter.weight);
    } else {
      waiting.remove(waiter);
      waiters = waiting.size();
    }
    serveInTurn(stages);
  }

  private void serve() {
    List<Waiter> served = new ArrayList<>();
    lock.lock();
    try {
      serveInTurn(served);
    } finally {
      lock.unlock();
    }
    complete(served);
  }

  /**
   * Serves the first in line as long as there is room; under the lock.
   *
   * @param stages takes the stages to be completed outside the lock
   */
  private void serveInTurn(List<Waiter> stages) {
    for (Waiter first = waiting.peek(); first != null; first = waiting.peek()) {
      if (first.stage == null) {
        if (!claim(first.weight)) {
          return;
        }
        first.served = true;
        first.ready.signal();
      } else if (fits(inFlight() + first.weight)) {
        stages.add(first);
      } else {
        return;
      }
      waiting.remove();
      waiters = waiting.size();
    }
  }

  private void complete(List<Waiter> served) {
    for (Waiter waiter : served) {
      refused = weight(1);
      waiter.stage().complete(null);
    }
  }

  private BufferFullException full(Duration limit) {
    long inFlight = inFlight();
    return new BufferFullException(
        "No room to publish to topic "
            + topic
            + " within maxBlock ("
            + limit
            + "): "
            + (inFlight >>> BYTE_BITS)
            + " messages of maxInFlightMessages "
            + maxMessages
            + " and "
            + (inFlight & BYTE_MASK)
            + " bytes of maxInFlightBytes "
            + maxBytes
            + " are in flight. Nothing was sent; send slower, or raise the bound.");
  }

  /** One in the line: a thread, or a stage. */
  private final class Waiter {
    private final long weight;
    private final @Nullable CompletableFuture<Void> stage;
    private final Condition ready = lock.newCondition();
    private boolean served;
    private boolean entered;

    Waiter(long weight, @Nullable CompletableFuture<Void> stage) {
      this.weight = weight;
      this.stage = stage;
    }

    CompletableFuture<Void> stage() {
      return Objects.requireNonNull(stage);
    }
  }
}
