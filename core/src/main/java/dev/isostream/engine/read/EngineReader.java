package dev.isostream.engine.read;

import dev.isostream.DecodeException;
import dev.isostream.InterruptedOperationException;
import dev.isostream.InvalidRequestException;
import dev.isostream.MessagingException;
import dev.isostream.PositionRemovedException;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.ReaderSettings;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The reader that applications get, over any driver. Its lock is handed on in turn. */
final class EngineReader<T extends @Nullable Object> implements Reader<T> {

  /** How long one poll lasts at most, so that interrupts are seen. */
  private static final long SLICE = Duration.ofMillis(500).toNanos();

  private final EngineContext context;
  private final ReaderSettings<T> settings;
  private final String topic;
  private final Places places;
  private final ReadSession session;
  private final PartitionWatch watch;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition pause = lock.newCondition();

  /** How many wait for the lock while somebody may be waiting for messages with it. */
  private final AtomicInteger urgent = new AtomicInteger();

  private volatile boolean closed;

  EngineReader(
      EngineContext context,
      ReaderSettings<T> settings,
      Places places,
      ReadSession session,
      PartitionWatch watch) {
    this.context = context;
    this.settings = settings;
    this.topic = settings.topic().name();
    this.places = places;
    this.session = session;
    this.watch = watch;
  }

  @Override
  public Optional<Received<T>> read(Duration wait) {
    List<Received<T>> one = take(1, wait);
    return one.isEmpty() ? Optional.empty() : Optional.of(one.get(0));
  }

  @Override
  public List<Received<T>> readBatch(int max, Duration wait) {
    if (max < 1) {
      throw new InvalidRequestException("max must be 1 or more, was " + max + ".");
    }
    return take(max, wait);
  }

  private List<Received<T>> take(int max, Duration wait) {
    if (wait.isNegative()) {
      throw new InvalidRequestException("wait must not be negative, was " + wait + ".");
    }
    checkOpen();
    long deadline = context.runtime().nanoTime() + Nanos.of(wait);
    try {
      if (!lock.tryLock(Nanos.of(wait), TimeUnit.NANOSECONDS)) {
        return List.of();
      }
    } catch (InterruptedException e) {
      throw Errors.interrupted(doing(), e);
    }
    try {
      return takeLocked(max, deadline);
    } finally {
      unlock();
    }
  }

  private List<Received<T>> takeLocked(int max, long deadline) {
    for (boolean polled = false; !closed; polled = true) {
      List<Received<T>> batch = takeTold(max);
      if (!batch.isEmpty()) {
        return batch;
      }
      PositionRemovedException removal = session.removal();
      if (removal != null) {
        throw removal;
      }
      long left = deadline - context.runtime().nanoTime();
      if (isOver() || (polled && left <= 0)) {
        break;
      }
      step(left);
    }
    return List.of();
  }

  /**
   * What was told already. Where one does not decode and is not wanted raw, what is before it comes
   * first, and the next call fails and steps over it.
   */
  private List<Received<T>> takeTold(int max) {
    List<Received<T>> batch = new ArrayList<>(Math.min(max, 16));
    for (SourceRecord next = session.peek(); next != null; next = session.peek()) {
      if (batch.size() == max) {
        break;
      }
      ReadMessage<T> message = new ReadMessage<>(topic, next, settings.topic().codec());
      if (settings.whenUndecodable() == ReaderBuilder.Undecodable.FAIL) {
        DecodeException problem = message.problem();
        if (problem != null && !batch.isEmpty()) {
          break;
        }
        if (problem != null) {
          session.remove();
          throw problem;
        }
      }
      session.remove();
      batch.add(message);
    }
    return batch;
  }

  /** Lets the source tell something, once; with the lock. */
  private void step(long left) {
    if (urgent.get() > 0) {
      lock.unlock();
      lock.lock(); // behind those that wait
      return;
    }
    watch.look(session);
    long most = Math.max(0, Math.min(left, SLICE));
    long blocked = session.pauseNanos();
    try {
      if (blocked > 0) {
        await(Math.min(most, blocked));
      } else {
        session.poll(most);
      }
    } catch (InterruptedException e) {
      throw Errors.interrupted(doing(), e);
    } catch (MessagingException e) {
      if (!Thread.currentThread().isInterrupted()) {
        throw e;
      }
    }
    checkInterrupt();
  }

  private void await(long nanos) throws InterruptedException {
    long left = nanos;
    while (left > 0 && !closed && urgent.get() == 0) {
      left = pause.awaitNanos(left);
    }
  }

  private void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedOperationException("Interrupted while " + doing() + ".");
    }
  }

  @Override
  public void seek(StartAt place) {
    Objects.requireNonNull(place, "place");
    checkOpen();
    lockNow();
    try {
      checkOpen();
      session.seek(places.find(question(), place, session.partitions()));
    } finally {
      unlock();
    }
  }

  private Question question() {
    return new Question(context, "finding places in topic " + settings.topic().name());
  }

  @Override
  public boolean isCaughtUp() {
    checkOpen();
    lockNow();
    try {
      checkOpen();
      Map<String, Place> ends = places.ends(question(), session.partitions());
      long deadline = context.runtime().nanoTime() + Nanos.of(context.requestTimeout());
      // Behind the last message there may be what readers don't see; the source has to step over
      // it.
      while (!session.hasUnread(ends)) {
        if (session.hasToldAll(ends)) {
          return true;
        }
        long left = deadline - context.runtime().nanoTime();
        if (left <= 0 || session.removal() != null || session.pauseNanos() > 0) {
          return false;
        }
        session.poll(Math.min(left, SLICE));
        checkInterrupt();
      }
      return false;
    } finally {
      unlock();
    }
  }

  @Override
  public boolean isAtEnd() {
    checkOpen();
    lockNow();
    try {
      return isOver();
    } finally {
      unlock();
    }
  }

  private boolean isOver() {
    return settings.untilEnd() && session.isAtEnd();
  }

  @Override
  public Iterator<Received<T>> iterator() {
    return new ReaderIterator<>(this);
  }

  @Override
  public Stream<Received<T>> stream() {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    if (lock.isHeldByCurrentThread()) {
      return; // by a listener, from inside a poll, which closes when it is over
    }
    lockNow();
    try {
      pause.signalAll();
    } finally {
      unlock();
    }
  }

  /** Takes the lock from a call that waits for messages. */
  private void lockNow() {
    urgent.incrementAndGet();
    try {
      session.wakeup();
      lock.lock();
    } finally {
      urgent.decrementAndGet();
    }
  }

  private void unlock() {
    if (closed) {
      session.disconnect();
    }
    lock.unlock();
  }

  private void checkOpen() {
    if (closed) {
      throw Errors.closed("reader of topic " + topic);
    }
  }

  private String doing() {
    return "reading topic " + topic;
  }

  @Override
  public String toString() {
    return "Reader[" + topic + (closed ? ", closed]" : "]");
  }
}
