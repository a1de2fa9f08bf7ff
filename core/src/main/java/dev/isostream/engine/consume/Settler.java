package dev.isostream.engine.consume;

import dev.isostream.Exhausted;
import dev.isostream.InvalidRequestException;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.engine.Nanos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What becomes of deliveries: settled, tried again, dead-lettered. Confined to the loop. */
final class Settler<T> {

  private static final Duration TRY_STORING_AGAIN = Duration.ofSeconds(5);

  private final MemberLoop<T> member;
  private final Retry retry;
  private final PriorityQueue<HeldDelivery<T>> waiting =
      new PriorityQueue<>(Comparator.comparingLong((HeldDelivery<T> d) -> d.dueNanos));
  private final List<HeldDelivery<T>> uncounted = new ArrayList<>();
  private int condemnedOpen;

  Settler(MemberLoop<T> member) {
    this.member = member;
    this.retry = member.settings().retry();
  }

  /** Mail: something became of this delivery. */
  void arrived(HeldDelivery<T> delivery) {
    if (delivery.lane.phase == LaneState.Phase.GONE) {
      Committer.failStale(delivery);
      return;
    }
    switch (delivery.state()) {
      case HeldDelivery.HELD -> tookBack(delivery);
      case HeldDelivery.ACKED -> acked(delivery);
      case HeldDelivery.NACKED -> nacked(delivery);
      case HeldDelivery.CONDEMNED -> condemned(delivery);
      default -> {
        // Taken back or stale meanwhile: whoever did that has seen to the rest.
      }
    }
  }

  /** Mail: the handler is over that had settled its delivery by itself. */
  void handlerReturned(HeldDelivery<T> delivery) {
    delivery.returned = true;
    if (delivery.lane.phase == LaneState.Phase.GONE || !delivery.processed) {
      return;
    }
    if (delivery.state() == HeldDelivery.NACKED) {
      failed(delivery);
    } else if (delivery.settledEarly) {
      release(delivery);
    }
    // Else it is on its way to the dead-letter topic, and its key waits for that.
  }

  /** Whether a handler still runs on a delivery that it settled by itself. */
  private boolean isRunning(HeldDelivery<T> delivery) {
    HeldDelivery.Verdict verdict = delivery.verdict();
    return member.outlet().runsHandlers()
        && !delivery.returned
        && delivery.offered
        && verdict != null
        && verdict.byApplication;
  }

  // --- taken back

  /** The rest of a run that was not shown to the application. */
  void tookBack(HeldDelivery<T> first) {
    for (HeldDelivery<T> delivery : Dispatcher.listOf(first)) {
      if (delivery.offered && delivery.state() == HeldDelivery.HELD) {
        member.dispatcher().over(delivery.lane, delivery, false);
        makeReady(delivery);
      }
    }
  }

  private void makeReady(HeldDelivery<T> delivery) {
    KeyChain<T> chain = delivery.chain;
    if (chain == null || chain.head == delivery) {
      ready(delivery);
    }
  }

  /** It could be handed out now, unless its attempts are used up. */
  void ready(HeldDelivery<T> delivery) {
    if (retry.maxAttempts().isPresent() && delivery.attempt > retry.maxAttempts().getAsInt()) {
      exhausted(delivery, delivery.attempt - 1, "its process died while it was handled");
    } else {
      delivery.lane.ready.add(delivery);
    }
  }

  // --- settled

  private void acked(HeldDelivery<T> delivery) {
    settle(delivery);
    member.figures().acked++;
    HeldDelivery.Verdict verdict = delivery.verdict();
    if (verdict != null) {
      delivery.lane.awaitingCommit.add(delivery);
      member.committer().wantNow(delivery.lane);
    } else {
      member.committer().want(delivery.lane);
    }
    delivery.processed = true;
    if (!isRunning(delivery)) {
      release(delivery);
    }
  }

  private void settle(HeldDelivery<T> delivery) {
    LaneState<T> lane = delivery.lane;
    if (delivery.attempt > 1 || delivery.deadly) {
      lane.failing--;
    }
    delivery.settledEarly = true;
    lane.settled(delivery);
    member.flow().closed(delivery);
  }

  /** The key goes on. */
  private void release(HeldDelivery<T> delivery) {
    LaneState<T> lane = delivery.lane;
    if (delivery.offered) {
      member.dispatcher().over(lane, delivery, true);
    } else if (delivery.suspect) {
      delivery.suspect = false;
      lane.notes.suspectCleared();
    }
    KeyChain<T> chain = delivery.chain;
    if (chain == null) {
      return;
    }
    if (chain.head == delivery) {
      HeldDelivery<T> next = chain.removeHead();
      if (next != null && next.isReady()) {
        ready(next);
      }
    } else {
      chain.remove(delivery);
    }
    if (chain.isEmpty()) {
      lane.chains.forget(chain);
    }
  }

  /** Settles what is read again or was left out, unseen by the application. */
  void settleUnseen(HeldDelivery<T> delivery) {
    delivery.settledEarly = true;
    delivery.lane.settled(delivery);
    member.flow().closed(delivery);
    member.committer().want(delivery.lane);
  }

  /** Contract D10. */
  void ackUpTo(HeldDelivery<T> last, CompletableFuture<Settlement> whole) {
    LaneState<T> lane = last.lane;
    if (lane.phase == LaneState.Phase.GONE) {
      whole.completeExceptionally(last.stale());
      return;
    }
    boolean any = false;
    for (HeldDelivery<T> delivery : lane.window.handedUpTo(last)) {
      if (delivery.ackByLater()) {
        any = true;
        acked(delivery);
      }
    }
    if (!any) {
      whole.complete(Settlement.ALREADY_SETTLED);
      return;
    }
    lane.cumulative.add(new LaneState.Cumulative(whole, last.stale()));
    member.committer().wantNow(lane);
  }

  // --- failed

  private void nacked(HeldDelivery<T> delivery) {
    delivery.processed = true;
    if (!isRunning(delivery)) {
      failed(delivery);
    }
    // Last: who sees it done may rely on the later ones of the key being back (contract O4).
    HeldDelivery.Verdict verdict = delivery.verdict();
    if (verdict != null) {
      verdict.settlement.complete(Settlement.DONE);
    }
  }

  private void failed(HeldDelivery<T> delivery) {
    HeldDelivery.Verdict verdict = delivery.verdict();
    Throwable cause = verdict == null ? null : verdict.cause;
    member.told().attemptFailed(delivery, delivery.attempt, cause);
    takeBackLaterOnes(delivery);
    if (delivery.offered) {
      member.dispatcher().over(delivery.lane, delivery, true);
    }
    if (retry.maxAttempts().isPresent() && delivery.attempt >= retry.maxAttempts().getAsInt()) {
      exhausted(delivery, delivery.attempt, reasonOf(cause));
      return;
    }
    Duration asked = verdict == null ? null : verdict.delay;
    Duration delay =
        asked != null ? asked : retry.delayAfter(delivery.attempt, member.random().nextDouble());
    HeldDelivery<T> again = again(delivery, delivery.attempt + 1);
    if (delivery.attempt == 1 && !delivery.deadly) {
      delivery.lane.failing++;
    }
    // Where a note names each message, the one that names this attempt comes with the count.
    if (delivery.lane.dense() || delivery.deadly) {
      delivery.lane.countInNextCommit(again);
    }
    delay(again, Nanos.of(delay));
    member.committer().want(delivery.lane);
  }

  private static String reasonOf(@Nullable Throwable cause) {
    if (cause == null) {
      return "given back by the application";
    }
    String text = cause.getMessage();
    return cause.getClass().getName() + (text == null ? "" : ": " + text);
  }

  /** Another attempt in the same slot and chain. */
  private HeldDelivery<T> again(HeldDelivery<T> delivery, int attempt) {
    HeldDelivery<T> again = new HeldDelivery<>(delivery.lane, delivery.source(), attempt);
    again.sequence = delivery.sequence;
    again.chain = delivery.chain;
    again.deadly = delivery.deadly;
    again.suspect = delivery.suspect;
    if (again.chain != null) {
      again.chain.replace(delivery, again);
    }
    delivery.lane.window.replace(delivery.sequence, again);
    return again;
  }

  /** Contract O4: later ones of the key that are in the same hands come back, uncounted. */
  private void takeBackLaterOnes(HeldDelivery<T> delivery) {
    if (member.outlet().runsHandlers()) {
      return;
    }
    List<HeldDelivery<T>> later = new ArrayList<>();
    for (HeldDelivery<T> at = delivery.nextInChain; at != null; at = at.nextInChain) {
      later.add(at);
    }
    for (HeldDelivery<T> at : later) {
      if (at.offered && at.takeBack(HeldDelivery.TAKEN_BACK)) {
        member.dispatcher().over(at.lane, at, false);
        again(at, at.attempt);
      }
    }
  }

  /** Makes a message wait. */
  void delay(HeldDelivery<T> delivery, long nanos) {
    delivery.waiting = true;
    delivery.dueNanos = member.nanoTime() + nanos;
    waiting.add(delivery);
  }

  /** Lets those go on whose wait is over; says when the next is. */
  long tick(long nowNanos) {
    HeldDelivery<T> next;
    while ((next = waiting.peek()) != null) {
      boolean open = next.lane.phase != LaneState.Phase.GONE && next.lane.window.holds(next);
      if (open && next.waiting && next.dueNanos > nowNanos) {
        return next.dueNanos;
      }
      waiting.poll();
      if (open && next.waiting) {
        goOn(next);
      }
    }
    return Long.MAX_VALUE;
  }

  /** Its wait is over; a failure is stored before its message is handed out again (contract D5). */
  private void goOn(HeldDelivery<T> delivery) {
    if (delivery.lane.isCounted(delivery)) {
      delivery.waiting = false;
      makeReady(delivery);
    } else {
      uncounted.add(delivery);
      member.committer().wantNow(delivery.lane);
    }
  }

  /** A commit came back: what waited for nothing else may go on. */
  void committed() {
    if (uncounted.isEmpty()) {
      return;
    }
    List<HeldDelivery<T>> all = List.copyOf(uncounted);
    uncounted.clear();
    for (HeldDelivery<T> delivery : all) {
      if (delivery.waiting && delivery.lane.window.holds(delivery)) {
        goOn(delivery);
      }
    }
  }

  /** A lane went with what waited of it. */
  void gone(LaneState<T> lane) {
    waiting.removeIf(delivery -> delivery.lane == lane);
    uncounted.removeIf(delivery -> delivery.lane == lane);
  }

  // --- used up (contract D6)

  private void condemned(HeldDelivery<T> delivery) {
    delivery.processed = true;
    takeBackLaterOnes(delivery);
    HeldDelivery.Verdict verdict = delivery.verdict();
    String reason = verdict == null || verdict.reason == null ? "" : verdict.reason;
    deadLetter(delivery, delivery.attempt, reason);
  }

  private void exhausted(HeldDelivery<T> delivery, int attempts, String reason) {
    if (member.settings().deadLetterTopic() != null) {
      deadLetter(delivery, attempts, reason);
    } else if (member.settings().exhausted() == Exhausted.DISCARD) {
      member.told().discarded(delivery, attempts, reason);
      settle(delivery);
      member.committer().want(delivery.lane);
      release(delivery);
    } else {
      member.fail(
          new InvalidRequestException(
              "Group \""
                  + member.settings().group()
                  + "\" stops at "
                  + delivery.position()
                  + ", as asked for when attempts are used up: "
                  + attempts
                  + " failed, the last because: "
                  + reason));
    }
  }

  private void deadLetter(HeldDelivery<T> delivery, int attempts, String reason) {
    delivery.waiting = true;
    delivery.dueNanos = HeldDelivery.NEVER;
    delivery.lane.condemned++;
    condemnedOpen++;
    member
        .deadLetters()
        .store(delivery, attempts, reason)
        .whenComplete(
            (stored, failure) ->
                member.onLoop(() -> deadLettered(delivery, attempts, reason, failure)));
  }

  private void deadLettered(
      HeldDelivery<T> delivery, int attempts, String reason, @Nullable Throwable failure) {
    condemnedOpen--;
    delivery.lane.condemned--;
    if (delivery.lane.phase == LaneState.Phase.GONE || member.hasEnded()) {
      Committer.failStale(delivery);
      return;
    }
    if (failure != null) {
      // Not even the stub is taken. Nothing may be lost, so it is tried until somebody mends that.
      member.told().deadLetterFailed(delivery, failure);
      member.later(TRY_STORING_AGAIN, () -> deadLetterAgain(delivery, attempts, reason));
      return;
    }
    member.told().deadLettered(delivery, attempts, reason);
    delivery.waiting = false;
    settle(delivery);
    if (delivery.verdict() != null) {
      delivery.lane.awaitingCommit.add(delivery);
    }
    member.committer().wantNow(delivery.lane);
    if (!isRunning(delivery)) {
      release(delivery);
    }
  }

  private void deadLetterAgain(HeldDelivery<T> delivery, int attempts, String reason) {
    if (delivery.lane.phase != LaneState.Phase.GONE && !member.isEnding()) {
      deadLetter(delivery, attempts, reason);
    }
  }

  /** How many messages wait for their time. */
  int waiting() {
    return waiting.size() + uncounted.size();
  }

  /** How many messages are on their way to the dead-letter topic. */
  int condemnedOpen() {
    return condemnedOpen;
  }
}
