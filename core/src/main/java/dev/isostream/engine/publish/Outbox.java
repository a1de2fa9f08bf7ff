package dev.isostream.engine.publish;

import dev.isostream.Headers;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.errors.Errors;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Where sends wait for the sink, and from where they are handed to it. Thread-safe.
 *
 * <p>Its state has one owner at a time: the <em>drainer</em>, whoever holds {@code busy}. A caller
 * appends its send to the ledger and, if nobody drains, drains what has piled up; else whoever
 * drains takes it along. So no caller waits for another or for I/O, batches form by themselves
 * under load, and nothing is held back for them. What else concerns the drainer is posted to it as
 * an event.
 */
abstract class Outbox {

  /** How many sends one drainer hands before it leaves the rest to another: it has a caller too. */
  static final int TURN = 1024;

  private static final VarHandle BUSY;

  static {
    try {
      BUSY = MethodHandles.lookup().findVarHandle(Outbox.class, "busy", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final EngineRuntime runtime;
  final DriverTraits traits;
  final Ledger ledger = new Ledger();
  final SinkKeeper keeper;
  private final String topic;
  private final Room room;
  private final Duration deliveryTimeout;
  private final long deliveryNanos;
  private final Expiry expiry;
  private final ConcurrentLinkedQueue<Runnable> events = new ConcurrentLinkedQueue<>();

  private volatile boolean busy;
  private volatile boolean closed;

  Outbox(EngineContext context, OutboxSettings settings, Room room) {
    this.runtime = context.runtime();
    this.traits = context.driver().traits();
    this.topic = settings.topic();
    this.room = room;
    this.deliveryTimeout = settings.deliveryTimeout();
    this.deliveryNanos = Nanos.of(deliveryTimeout);
    this.expiry = new Expiry(this);
    this.keeper = new SinkKeeper(context, settings, this);
  }

  /** The outbox that fits the driver's traits. */
  static Outbox create(EngineContext context, OutboxSettings settings, Room room) {
    DriverTraits traits = context.driver().traits();
    return traits.appendsInOrder() && traits.refusesDuplicates()
        ? new DirectOutbox(context, settings, room)
        : new GatedOutbox(context, settings, room);
  }

  /** A send whose time starts now. */
  abstract PendingSend newSend(
      byte @Nullable [] key, byte @Nullable [] payload, Headers headers, int bytes);

  /**
   * Hands to the sink what may be handed; by the drainer.
   *
   * @return whether it stopped because its turn was over
   */
  abstract boolean hand(Sink sink);

  /** Takes in what came back, where there is no sink to hand anything to; by the drainer. */
  abstract void absorb();

  /** Whether something came in since {@link #hand} was last called; from any thread. */
  abstract boolean hasNews();

  /** Whether there is anything to be handed, now or later; by the drainer. */
  abstract boolean hasWaiting();

  /** The sink says that it could not store one. */
  final void failed(PendingSend send, ErrorKind kind, boolean maybeStored, Throwable cause) {
    if (!isFatal(kind)) {
      decide(send, kind, maybeStored, cause);
      return;
    }
    int generation = send.generation();
    keeper.markLost(generation);
    decide(send, kind, maybeStored, cause);
    keeper.replace(generation, cause);
  }

  /** Fails one, or sees to it that it is handed again. */
  abstract void decide(PendingSend send, ErrorKind kind, boolean maybeStored, Throwable cause);

  /** The sink is through with one; called once for each time that it was handed. */
  abstract void returned(PendingSend send);

  /** The sink is lost; by the drainer. */
  abstract void sinkLost();

  final String topic() {
    return topic;
  }

  final Duration deliveryTimeout() {
    return deliveryTimeout;
  }

  final long deadlineFromNow() {
    return runtime.nanoTime() + deliveryNanos;
  }

  final boolean isClosed() {
    return closed;
  }

  // ---- sending

  /** Appends a send, without draining. Its weight is in the room already. */
  final void append(PendingSend send) {
    ledger.append(send);
    expiry.arm(deliveryNanos);
  }

  /** Drains what piled up, unless somebody else is at it. */
  final void drain() {
    while (true) {
      if (!BUSY.compareAndSet(this, false, true)) {
        // Either the one who drains sees what we appended before this fence, or we see it leave.
        VarHandle.fullFence();
        if (busy) {
          return;
        }
        continue;
      }
      boolean more;
      try {
        more = work();
      } finally {
        BUSY.setRelease(this, false);
        VarHandle.fullFence();
      }
      if (!hasWork()) {
        return;
      }
      if (more) {
        runtime.schedule(Duration.ZERO, this::drain);
        return;
      }
    }
  }

  /** Has something done by the drainer. */
  final void post(Runnable event) {
    events.add(event);
    drain();
  }

  private boolean hasWork() {
    if (!events.isEmpty()) {
      return true;
    }
    return closed ? ledger.hasNext() : keeper.isUsable() && hasNews();
  }

  private boolean work() {
    for (Runnable event = events.poll(); event != null; event = events.poll()) {
      event.run();
    }
    if (closed) {
      failWaiting(ErrorKind.CLOSED, Errors.closed("producer of topic " + topic));
      return false;
    }
    Sink sink = keeper.sink();
    if (sink != null) {
      return hand(sink);
    }
    absorb();
    if (hasWaiting()) {
      keeper.open();
    }
    return false;
  }

  /** Appends a batch. Sinks don't throw; one that does is lost. */
  final void appendTo(Sink sink, List<? extends PendingSend> batch) {
    try {
      sink.append(batch);
    } catch (RuntimeException e) {
      for (PendingSend send : List.copyOf(batch)) {
        failed(send, ErrorKind.UNKNOWN, true, e);
      }
    }
  }

  // ---- deciding

  /** The sink is through with one, or never had it: it takes no room any more. */
  final void left(PendingSend send) {
    room.leave(send.weight());
  }

  /** Whether a failure of this kind leaves a sink that can't go on. */
  private static boolean isFatal(ErrorKind kind) {
    return kind == ErrorKind.FENCED || kind == ErrorKind.CLOSED || kind == ErrorKind.UNKNOWN;
  }

  /** Decides those whose time is up (contract P3). */
  final void expireDue() {
    long now = runtime.nanoTime();
    for (PendingSend send : ledger.undecidedWhile(s -> s.deadline() - now <= 0)) {
      send.expire(ErrorKind.UNAVAILABLE, whyLate());
    }
  }

  private Throwable whyLate() {
    Throwable known = keeper.failure();
    return known != null
        ? known
        : new TimeoutException("not confirmed within deliveryTimeout (" + deliveryTimeout + ")");
  }

  /** Fails what the sink does not have; by the drainer. */
  final void failWaiting(ErrorKind kind, Throwable cause) {
    while (ledger.take() != null) {
      // Only so that the drainer is behind it.
    }
    for (PendingSend send : ledger.undecidedWhile(s -> true)) {
      if (send.state() == PendingSend.WAITING) {
        send.expire(kind, cause);
      }
    }
  }

  /** What a sink that was closed left undecided against its contract. */
  final void failLeftovers(int generation) {
    for (PendingSend send : ledger.with(generation)) {
      send.failed(
          ErrorKind.CLOSED, true, new IllegalStateException("the sink was closed undecided"));
    }
  }

  // ---- flush and close

  /** Completes when all that was appended before is decided (contract P8). */
  final CompletableFuture<Void> flush() {
    CompletableFuture<Void> all = ledger.flush();
    if (!all.isDone()) {
      hurry();
    }
    return all;
  }

  /** Hurries the sink along. */
  final void hurry() {
    post(keeper::hurry);
  }

  /** Fails what is undecided and frees everything. Harmless when repeated. */
  final void close() {
    closed = true;
    room.close();
    drain();
    for (PendingSend send : ledger.undecidedWhile(s -> true)) {
      send.expire(ErrorKind.CLOSED, Errors.closed("producer of topic " + topic));
    }
    expiry.close();
    keeper.close();
  }

  /** Runs a task that may take long, on a thread of its own. */
  final void start(String what, Runnable task) {
    try {
      runtime.start(
          "publish-" + what + "-" + topic,
          maxWaitNanos -> {
            task.run();
            return false;
          });
    } catch (IllegalStateException e) {
      // The runtime is closed already; this is the last that happens here.
      task.run();
    }
  }
}
