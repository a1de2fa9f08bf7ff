package dev.isostream.engine.consume;

import dev.isostream.Delivery;
import dev.isostream.InvalidRequestException;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.engine.Payloads;
import dev.isostream.engine.RecordInfo;
import dev.isostream.spi.SourceRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one message. The loop's while it waits; in hand, whoever settles it first wins, by
 * one compare-and-set, and posts it to the loop.
 *
 * <p>One object per message and attempt: it is delivery, window slot, chain link, run link and
 * mail.
 */
final class HeldDelivery<T> extends RecordInfo implements Delivery<T>, Mail {

  /** With the loop: waiting, or on its way out. */
  static final int HELD = 0;

  /** In the application's hands. */
  static final int OUT = 1;

  /** Settled as done. */
  static final int ACKED = 2;

  /** Given back as failed. */
  static final int NACKED = 3;

  /** To go to the dead-letter topic now. */
  static final int CONDEMNED = 4;

  /** Given back with an earlier one of its key (contract O4), or never handed out after all. */
  static final int TAKEN_BACK = 5;

  /** Its share moved on while it was in hand. */
  static final int STALE = 6;

  /** When a message is due that waits for being stored in the dead-letter topic. */
  static final long NEVER = Long.MAX_VALUE;

  private static final VarHandle STATE;
  private static final VarHandle RUNNER;
  private static final Object NOT_DECODED = new Object();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(HeldDelivery.class, "state", int.class);
      RUNNER = lookup.findVarHandle(HeldDelivery.class, "runner", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final LaneState<T> lane;
  final int attempt;

  /** The record's size; kept, as it is asked for at each step and the record is far away. */
  final int bytes;

  /** In dense lanes the record's offset; kept for the same reason. */
  final long offset;

  long sequence;

  // Links and marks: the loop's.
  @Nullable KeyChain<T> chain;
  @Nullable HeldDelivery<T> nextInChain;
  @Nullable HeldDelivery<T> nextInRun;
  boolean offered;
  boolean following;
  boolean waiting;
  boolean settledEarly;
  boolean suspect;
  boolean deadly;
  boolean reportedStuck;
  boolean returned;
  boolean processed;
  long dueNanos;

  /** The commit of its lane that is to be stored before this may be handed out; 0 for none. */
  long countedBy;

  /** In lanes that are not dense: it was noted in all notes from this one … */
  long notedFirst = -1;

  /** … to this one. */
  long notedLast = -1;

  // Shared.
  private volatile int state;

  @SuppressWarnings("UnusedVariable") // read through its handle
  private volatile @Nullable Thread runner;

  private volatile boolean interrupted;
  long handedNanos;
  private @Nullable Mail nextMail;
  private @Nullable Object payload = NOT_DECODED;
  private @Nullable Verdict verdict;

  HeldDelivery(LaneState<T> lane, SourceRecord message, int attempt) {
    super(lane.member.topicName(), message);
    this.lane = lane;
    this.attempt = attempt;
    this.bytes = message.sizeBytes();
    this.offset = lane.dense() ? message.offset() : 0;
  }

  /** What the application said beside the outcome. */
  static final class Verdict {
    final CompletableFuture<Settlement> settlement = new CompletableFuture<>();
    @Nullable Duration delay;
    @Nullable String reason;
    @Nullable Throwable cause;
    boolean byApplication;
  }

  // --- the application's side

  @Override
  public Optional<byte[]> body() {
    return Optional.ofNullable(source().payload());
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public CompletionStage<Settlement> ack() {
    return settle(ACKED, null, null);
  }

  @Override
  public CompletionStage<Settlement> ackCumulative() {
    CompletableFuture<Settlement> whole = new CompletableFuture<>();
    lane.member.mailbox().post(() -> lane.member.settler().ackUpTo(this, whole));
    if (lane.member.hasEnded()) {
      whole.completeExceptionally(stale());
    }
    return whole;
  }

  @Override
  public CompletionStage<Settlement> nack() {
    return settle(NACKED, null, null);
  }

  @Override
  public CompletionStage<Settlement> nack(Duration delay) {
    if (delay.isNegative()) {
      throw new InvalidRequestException("delay must not be negative, was " + delay + ".");
    }
    return settle(NACKED, delay, null);
  }

  @Override
  public CompletionStage<Settlement> deadLetter(String reason) {
    Objects.requireNonNull(reason, "reason");
    if (lane.member.settings().deadLetterTopic() == null) {
      throw new InvalidRequestException(
          "Group \""
              + lane.member.settings().group()
              + "\" has no dead-letter topic;"
              + " set one with deadLetterTo(topic).");
    }
    return settle(CONDEMNED, null, reason);
  }

  @Override
  public boolean isSettled() {
    return state > OUT;
  }

  @Override
  public boolean isRevoked() {
    return state == STALE || lane.isStopped();
  }

  private CompletionStage<Settlement> settle(
      int outcome, @Nullable Duration delay, @Nullable String reason) {
    if (!STATE.compareAndSet(this, OUT, outcome)) {
      return state == STALE
          ? CompletableFuture.failedFuture(stale())
          : CompletableFuture.completedFuture(Settlement.ALREADY_SETTLED);
    }
    Verdict said = new Verdict();
    said.delay = delay;
    said.reason = reason;
    said.byApplication = true;
    verdict = said;
    lane.member.mailbox().post(this, true);
    if (lane.member.hasEnded()) {
      said.settlement.completeExceptionally(stale());
    }
    return said.settlement;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // set from the codec only, whose T may be nullable
  public T payload() {
    Object known = payload;
    if (known == NOT_DECODED) {
      known = Payloads.decode(lane.member.settings().topic().codec(), source());
      payload = known;
    }
    return (T) known;
  }

  // --- the outlets' side

  /** Hands it to the application; false where it is no longer to be had. */
  boolean handOut(long nowNanos) {
    handedNanos = nowNanos;
    return STATE.compareAndSet(this, HELD, OUT);
  }

  /** Whether it was handed out before this time, if it is. */
  boolean wasHandedOut(long beforeNanos) {
    return handedNanos - beforeNanos <= 0;
  }

  /** Takes back what was handed out and not yet shown to the application. */
  boolean unhand() {
    return STATE.compareAndSet(this, OUT, HELD);
  }

  /** The handler returned: acks, unless it was settled by the application. */
  boolean ackOnReturn() {
    return STATE.compareAndSet(this, OUT, ACKED);
  }

  /** The handler threw, or the payload did not decode: nacks, unless settled by the application. */
  boolean nackOnThrow(Throwable cause) {
    if (!STATE.compareAndSet(this, OUT, NACKED)) {
      return false;
    }
    Verdict said = new Verdict();
    said.cause = cause;
    verdict = said;
    return true;
  }

  /** The thread that handles it now. */
  void runBy(Thread thread) {
    RUNNER.setRelease(this, thread);
  }

  /** The handler is over; swallows an interrupt that was meant for it alone. */
  void runEnded() {
    if (RUNNER.getAndSet(this, null) == null) {
      while (!interrupted) {
        Thread.onSpinWait();
      }
      Thread.interrupted();
    }
  }

  // --- the loop's side

  int state() {
    return state;
  }

  @Nullable Verdict verdict() {
    return verdict;
  }

  /**
   * How many attempts failed, this one included from the loop's knowing it on: a handler that
   * nacked and runs on has failed, and no commit after that may leave it out.
   */
  int failures() {
    return processed && state == NACKED ? attempt : attempt - 1;
  }

  /** Whether its turn within its key has come, or comes in the run that is being put together. */
  boolean isInTurn() {
    KeyChain<T> waitsIn = chain;
    return waitsIn == null || waitsIn.head == this || following;
  }

  /** Ready to be handed out: with the loop, not offered, not waiting, not settled. */
  boolean isReady() {
    return !offered && !waiting && !settledEarly && state == HELD;
  }

  /** Whether it waits for being stored in the dead-letter topic. */
  boolean isOnItsWayOut() {
    return waiting && dueNanos == NEVER;
  }

  /** Takes it out of the application's hands; false where it was settled first. */
  boolean takeBack(int asState) {
    return STATE.compareAndSet(this, OUT, asState);
  }

  /** Settles it for {@link #ackCumulative} of a later one. */
  boolean ackByLater() {
    return STATE.compareAndSet(this, OUT, ACKED);
  }

  /** Interrupts the handler that runs it, if one does (contract G4). */
  void interruptRunner() {
    Thread thread = (Thread) RUNNER.getAndSet(this, null);
    if (thread != null) {
      thread.interrupt();
      interrupted = true;
    }
  }

  StaleDeliveryException stale() {
    return new StaleDeliveryException(
        "The delivery of "
            + position()
            + " is stale: its share moved on to another member, to which it comes again.");
  }

  @Override
  public @Nullable Mail nextMail() {
    return nextMail;
  }

  @Override
  public void nextMail(@Nullable Mail next) {
    this.nextMail = next;
  }

  @Override
  public void deliver() {
    lane.member.settler().arrived(this);
  }
}
