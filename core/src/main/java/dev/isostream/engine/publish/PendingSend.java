package dev.isostream.engine.publish;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.Receipt;
import dev.isostream.engine.errors.Errors;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One send, from call to decision: the future that the application holds, the record that the sink
 * appends, and the receipt that the future completes with. One object, as there is one per message.
 *
 * <p>Thread-safe: the sink, the timer and a close may each want to decide it, and one of them does.
 * What the application does to the future (completing or cancelling it) changes what it sees, and
 * nothing else.
 */
class PendingSend extends CompletableFuture<Receipt> implements SinkRecord, Receipt {

  /** With the engine: not handed to the sink yet, or waiting to be handed again. */
  static final int WAITING = 0;

  /** With the sink. */
  static final int HANDED = 1;

  /** Decided by the engine, and still with the sink. */
  static final int ABANDONED = 2;

  /** Decided, and with nobody. */
  static final int DONE = 3;

  private static final VarHandle STATE;
  private static final VarHandle LOCATED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(PendingSend.class, "state", int.class);
      LOCATED = lookup.findVarHandle(PendingSend.class, "located", CompletableFuture.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Outbox outbox;
  private final byte @Nullable [] key;
  private final int bytes;
  private final long deadline;

  /** Dropped once the sink has no more use for it: applications may keep receipts for long. */
  private byte @Nullable [] payload;

  private Headers headers;
  private long sequence = -1;
  private int generation;
  private volatile int state;

  /**
   * Where it is in the ledger; null once it is decided: applications may keep receipts for long.
   */
  private @Nullable LedgerBlock block;

  private int place;

  private @Nullable Supplier<CompletionStage<Position>> locator;
  private volatile @Nullable CompletableFuture<Position> located;

  PendingSend(
      Outbox outbox,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers,
      int bytes,
      long deadline) {
    this.outbox = outbox;
    this.key = key;
    this.payload = payload;
    this.headers = headers;
    this.bytes = bytes;
    this.deadline = deadline;
  }

  // ---- for the engine

  /** It is in the ledger now. */
  final void entered(LedgerBlock block, int place) {
    this.block = block;
    this.place = place;
  }

  /** It leaves the ledger, once. */
  final LedgerBlock leave() {
    LedgerBlock left = Objects.requireNonNull(block);
    block = null;
    return left;
  }

  final @Nullable LedgerBlock block() {
    return block;
  }

  final int place() {
    return place;
  }

  final int state() {
    return state;
  }

  /** Whether its future says so: a flush must not be heard of before (contract P8). */
  final boolean isDecided() {
    return state >= ABANDONED && isDone();
  }

  final boolean isWithSink() {
    int now = state;
    return now == HANDED || now == ABANDONED;
  }

  /** When it has to be decided, by the runtime's clock. */
  final long deadline() {
    return deadline;
  }

  final long weight() {
    return Room.weight(bytes);
  }

  final int generation() {
    return generation;
  }

  /** Numbers it within its producer; by the drainer, before it is handed. */
  final void number(int generation, long sequence) {
    this.generation = generation;
    this.sequence = sequence;
  }

  final void headers(Headers all) {
    this.headers = all;
  }

  /** Marks it as with the sink; false where it has been decided meanwhile. */
  final boolean hand() {
    return STATE.compareAndSet(this, WAITING, HANDED);
  }

  /** Takes it back from the sink, to be handed again; false where it has been decided meanwhile. */
  final boolean takeBack() {
    return STATE.compareAndSet(this, HANDED, WAITING);
  }

  /** Marks a decided one as no longer with the sink; false where it was neither. */
  final boolean finishAbandoned() {
    if (STATE.compareAndSet(this, ABANDONED, DONE)) {
      outbox.ledger.forget(this);
      drop();
      return true;
    }
    return false;
  }

  /** Whether an attempt that is over may have stored it. */
  boolean maybeStoredBefore() {
    return false;
  }

  /**
   * Decides it as failed, by the sink's word.
   *
   * @return false where it had been decided
   */
  final boolean fail(ErrorKind kind, boolean maybeStored, Throwable cause) {
    if (!STATE.compareAndSet(this, HANDED, DONE)) {
      return false;
    }
    drop();
    outbox.left(this);
    completeExceptionally(Errors.sendFailed(outbox.topic(), kind, maybeStored, cause));
    outbox.ledger.decided(this, true);
    return true;
  }

  /**
   * Decides it as failed, by the engine's own word. It may have been stored if the sink has it, or
   * had it in vain.
   *
   * @return false where it had been decided
   */
  final boolean expire(ErrorKind kind, Throwable cause) {
    if (STATE.compareAndSet(this, WAITING, DONE)) {
      payload = null;
      outbox.left(this);
      completeExceptionally(Errors.sendFailed(outbox.topic(), kind, maybeStoredBefore(), cause));
      outbox.ledger.decided(this, false);
      return true;
    }
    outbox.ledger.abandon(this); // before the sink can be through with it
    if (STATE.compareAndSet(this, HANDED, ABANDONED)) {
      completeExceptionally(Errors.sendFailed(outbox.topic(), kind, true, cause));
      outbox.ledger.decided(this, true);
      return true;
    }
    if (state != ABANDONED) {
      outbox.ledger.forget(this);
    }
    return false;
  }

  private void drop() {
    payload = null;
    headers = Headers.empty();
  }

  // ---- for the sink

  @Override
  public final byte @Nullable [] key() {
    return key;
  }

  @Override
  public final byte @Nullable [] payload() {
    return payload;
  }

  @Override
  public final Headers headers() {
    return headers;
  }

  @Override
  public final long sequence() {
    return sequence;
  }

  @Override
  public final void stored(Supplier<CompletionStage<Position>> position) {
    if (STATE.compareAndSet(this, HANDED, DONE)) {
      locator = position;
      drop();
      outbox.left(this);
      complete(this);
      outbox.ledger.decided(this, true);
      outbox.returned(this);
    } else if (finishAbandoned()) {
      outbox.left(this);
      outbox.returned(this);
    }
  }

  @Override
  public final void failed(ErrorKind kind, boolean maybeStored, Throwable cause) {
    outbox.failed(this, kind, maybeStored, cause);
  }

  // ---- for the application

  @Override
  public final String topic() {
    return outbox.topic();
  }

  @Override
  public final CompletionStage<Position> position() {
    CompletableFuture<Position> known = located;
    if (known == null) {
      CompletableFuture<Position> mine = new CompletableFuture<>();
      if (LOCATED.compareAndSet(this, null, mine)) {
        locate(mine);
        known = mine;
      } else {
        known = located;
      }
    }
    return Objects.requireNonNull(known).minimalCompletionStage();
  }

  private void locate(CompletableFuture<Position> asked) {
    Supplier<CompletionStage<Position>> from = locator;
    if (from == null) {
      asked.completeExceptionally(new IllegalStateException("not stored"));
      return;
    }
    String doing = "asking where a message to topic " + outbox.topic() + " was stored";
    try {
      from.get()
          .whenComplete(
              (position, failure) -> {
                if (failure == null) {
                  asked.complete(position);
                } else {
                  asked.completeExceptionally(Errors.translate(doing, failure));
                }
              });
    } catch (RuntimeException e) {
      asked.completeExceptionally(Errors.translate(doing, e));
    }
  }

  /** The topic and how far it is; payloads, keys and header values may be secrets. */
  @Override
  public final String toString() {
    String shown =
        switch (state) {
          case WAITING -> "waiting";
          case HANDED -> "sent";
          default -> isCompletedExceptionally() ? "failed" : "stored";
        };
    return "Send[" + outbox.topic() + ", " + shown + "]";
  }
}
