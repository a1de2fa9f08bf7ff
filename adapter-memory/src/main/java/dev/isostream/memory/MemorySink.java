package dev.isostream.memory;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Appends, and appends again what had no reply, in order; the broker knows what it has stored
 * already. Decides on the thread that appends, or the one on which the broker changes its state.
 *
 * <p>There is no timer: what waits for longer than the delivery timeout is failed by the next call.
 */
final class MemorySink implements Sink {

  private static final class Batch {
    List<? extends SinkRecord> records;
    final long deadline;

    /** Whether a request that holds it was sent. */
    boolean sent;

    /** Whether the broker has stored it without having answered. */
    boolean carriedOut;

    Batch(List<? extends SinkRecord> records, long deadline) {
      this.records = records;
      this.deadline = deadline;
    }
  }

  /** For each record either the {@link MemoryRecord} or the {@link DriverException}. */
  private record Decided(
      List<? extends SinkRecord> records, @Nullable Object[] outcomes, boolean maybeStored) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final MemoryConnection connection;
  private final SinkSpec spec;

  /** Guarded by the lock, as is the next. */
  private final Deque<Batch> waiting = new ArrayDeque<>();

  private boolean closed;

  MemorySink(MemoryConnection connection, SinkSpec spec) {
    this.connection = connection;
    this.spec = spec;
    connection.add(this);
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    List<Decided> decided = new ArrayList<>(1);
    lock.lock();
    try {
      Batch batch = new Batch(records, now() + spec.deliveryTimeout().toNanos());
      waiting.add(batch);
      work(decided);
      if (!waiting.isEmpty()) {
        batch.records = List.copyOf(records);
      }
    } finally {
      lock.unlock();
    }
    decided.forEach(MemorySink::decide);
  }

  @Override
  public void hurry() {
    retry();
  }

  /** Sends what waits, where the broker answers. */
  void retry() {
    List<Decided> decided = new ArrayList<>(1);
    lock.lock();
    try {
      work(decided);
    } finally {
      lock.unlock();
    }
    decided.forEach(MemorySink::decide);
  }

  private void work(List<Decided> decided) {
    while (!waiting.isEmpty()) {
      Batch batch = waiting.element();
      Decided outcome = closed ? refused(batch, closedError()) : attempt(batch);
      if (outcome == null) {
        if (now() - batch.deadline <= 0) {
          return;
        }
        outcome = refused(batch, MemoryErrors.noAnswer(connection.broker().name()));
      }
      waiting.remove();
      decided.add(outcome);
    }
  }

  /** Null where there was no answer. */
  private @Nullable Decided attempt(Batch batch) {
    while (true) {
      try {
        if (!connection.enter(this::send, this::sendUnheard)) {
          return null;
        }
        try {
          MemoryTopic topic = connection.topic(spec.topic());
          @Nullable Object[] outcomes = store(topic, batch);
          if (!connection.broker().dropsReply()) {
            return new Decided(batch.records, outcomes, false);
          }
          topic.replyLost(spec.producerId(), batch.records, outcomes);
          batch.sent = true;
        } finally {
          connection.exit();
        }
      } catch (DriverException e) {
        return e.kind() == ErrorKind.UNAVAILABLE ? null : refused(batch, e);
      }
    }
  }

  private @Nullable Object[] store(MemoryTopic topic, Batch batch) {
    return topic.append(spec.producerId(), batch.records, connection.config().maxStoredBytes());
  }

  private void send() {
    waiting.forEach(batch -> batch.sent = true);
  }

  private void sendUnheard() {
    send();
    carryOut();
  }

  /** The broker does what it got, and its answers get lost. */
  void storeUnanswered() {
    lock.lock();
    try {
      carryOut();
    } finally {
      lock.unlock();
    }
  }

  private void carryOut() {
    MemoryTopic topic =
        connection.permits(spec.topic())
            ? connection.broker().topic(spec.topic()).orElse(null)
            : null;
    for (Batch batch : waiting) {
      if (topic != null && batch.sent && !batch.carriedOut) {
        topic.replyLost(spec.producerId(), batch.records, store(topic, batch));
        batch.carriedOut = true;
      }
    }
  }

  private static Decided refused(Batch batch, DriverException cause) {
    @Nullable Object[] outcomes = new @Nullable Object[batch.records.size()];
    Arrays.fill(outcomes, cause);
    return new Decided(batch.records, outcomes, batch.sent);
  }

  private static void decide(Decided decided) {
    @Nullable Object[] outcomes = decided.outcomes();
    for (int i = 0; i < outcomes.length; i++) {
      SinkRecord record = decided.records().get(i);
      if (outcomes[i] instanceof MemoryRecord stored) {
        record.stored(position(stored));
      } else if (outcomes[i] instanceof DriverException cause) {
        record.failed(cause.kind(), decided.maybeStored(), cause);
      }
    }
  }

  private static Supplier<CompletionStage<Position>> position(MemoryRecord stored) {
    return () -> CompletableFuture.completedFuture(stored.position());
  }

  private DriverException closedError() {
    return MemoryErrors.closed(connection.broker().name());
  }

  private long now() {
    return connection.broker().clock().nanoTime();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    retry();
    connection.remove(this);
    connection
        .broker()
        .topic(spec.topic())
        .ifPresent(topic -> topic.forgetProducer(spec.producerId()));
  }
}
