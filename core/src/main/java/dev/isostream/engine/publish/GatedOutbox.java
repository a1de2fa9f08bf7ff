package dev.isostream.engine.publish;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.engine.Backoff;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.WireHeaders;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The long way, for sinks that leave order, retries or copies to the engine.
 *
 * <p>What fails for now is handed again after a while, until its time is up (contract P3). Copies
 * and order are kept in one of two ways:
 *
 * <ul>
 *   <li>Where the store does not refuse copies, each send carries the producer's id and a number,
 *       by which receivers know a copy (contract P4). At most one send of a key is with the sink or
 *       waits to be handed again; the next one waits at its {@link KeyGate}. Sends without a key
 *       wait for none.
 *   <li>Where it does ({@code refuses}), it may do so by the highest number it has seen, and then
 *       takes an earlier one for a copy: so one append is out at a time, and nothing newer goes
 *       while an older one waits to be handed again ({@code inTurn}). That keeps every key's order
 *       too, so an append holds as many sends of a key as there are. The same way is gone where the
 *       sink takes one append at a time.
 * </ul>
 */
final class GatedOutbox extends Outbox {

  private final boolean refuses;
  private final boolean inTurn;
  private final int maxBatch;
  private final int maxAppends;
  private final Header producer;

  // The drainer's.
  private final Map<KeyGate.Key, KeyGate> gates = new HashMap<>();
  private final ArrayDeque<GatedSend> fresh = new ArrayDeque<>();

  /** Due to be handed again; where copies are refused by number, the lowest first. */
  private final Queue<GatedSend> again;

  private final PriorityQueue<GatedSend> retries;
  private int appends;
  private int numbered;
  private long sequence;
  private boolean timerSet;
  private long timerAt;

  /** What came back from the sink and was not looked at yet: a stack. */
  private final AtomicReference<@Nullable GatedSend> returned = new AtomicReference<>();

  GatedOutbox(EngineContext context, OutboxSettings settings, Room room) {
    super(context, settings, room);
    this.refuses = traits.refusesDuplicates();
    this.inTurn = refuses || traits.maxAppendsInFlight() == 1;
    this.maxBatch = Math.min(TURN, traits.maxAppendBatch());
    this.maxAppends = inTurn ? 1 : traits.maxAppendsInFlight();
    this.producer = Header.of(WireHeaders.PRODUCER, settings.producerId());
    this.again =
        inTurn
            ? new PriorityQueue<>(Comparator.comparingLong(PendingSend::sequence))
            : new ArrayDeque<>();
    this.retries =
        new PriorityQueue<>(
            inTurn
                ? Comparator.comparingLong(PendingSend::sequence)
                : Comparator.comparingLong((GatedSend send) -> send.retryAt));
  }

  @Override
  PendingSend newSend(
      byte @Nullable [] key, byte @Nullable [] payload, Headers headers, int bytes) {
    return new GatedSend(this, key, payload, headers, bytes, deadlineFromNow());
  }

  @Override
  boolean hasNews() {
    return ledger.hasNext() || returned.get() != null;
  }

  @Override
  boolean hasWaiting() {
    return ledger.hasNext() || !fresh.isEmpty() || !again.isEmpty() || !retries.isEmpty();
  }

  @Override
  boolean hand(Sink sink) {
    int generation = keeper.generation();
    if (refuses && numbered != generation) {
      sequence = 0;
    }
    numbered = generation;
    boolean more = admit();
    do {
      settleReturned();
      takeDue();
    } while (appendOne(sink, generation));
    setTimer();
    return more;
  }

  // ---- what comes in

  private boolean admit() {
    for (int i = 0; i < TURN; i++) {
      PendingSend send = ledger.take();
      if (send == null) {
        return false;
      }
      admit((GatedSend) send);
    }
    return true;
  }

  private void admit(GatedSend send) {
    byte[] key = send.key();
    if (key != null && !inTurn) {
      KeyGate.Key name = new KeyGate.Key(key);
      KeyGate gate = gates.get(name);
      if (gate != null) {
        gate.enqueue(send);
        return;
      }
      send.gate = new KeyGate(name);
      gates.put(name, send.gate);
    }
    fresh.add(send);
  }

  /** One is decided and with nobody: the next one of its key may go. */
  private void release(GatedSend send) {
    KeyGate gate = send.gate;
    if (gate == null) {
      return;
    }
    GatedSend following = gate.next();
    if (following == null) {
      gates.remove(gate.key());
    } else {
      following.gate = gate;
      fresh.add(following);
    }
  }

  // ---- what goes out

  private boolean appendOne(Sink sink, int generation) {
    if (appends >= maxAppends || keeper.isLost(generation)) {
      return false;
    }
    if (inTurn && isOvertaking(again.peek(), retries.peek())) {
      return false;
    }
    List<GatedSend> batch = new ArrayList<>();
    fill(batch, again, generation);
    if (!inTurn || (batch.isEmpty() && retries.isEmpty())) {
      fill(batch, fresh, generation);
    }
    if (batch.isEmpty()) {
      return false;
    }
    GatedSend.Append append = new GatedSend.Append(batch.size());
    for (GatedSend send : batch) {
      send.within = append;
    }
    appends++;
    appendTo(sink, batch);
    return true;
  }

  private static boolean isOvertaking(@Nullable GatedSend due, @Nullable GatedSend notDue) {
    return due != null && notDue != null && notDue.sequence() < due.sequence();
  }

  private void fill(List<GatedSend> batch, Queue<GatedSend> from, int generation) {
    while (batch.size() < maxBatch && !(inTurn && isOvertaking(from.peek(), retries.peek()))) {
      GatedSend send = from.poll();
      if (send == null) {
        return;
      }
      boolean isNew = number(send, generation);
      if (!send.hand()) {
        release(send);
      } else {
        batch.add(send);
        sequence += isNew ? 1 : 0;
      }
    }
  }

  /** Gives it the next number, if it has none that holds for this sink. */
  private boolean number(GatedSend send, int generation) {
    boolean isNew = send.sequence() < 0 || (refuses && send.generation() != generation);
    send.number(generation, isNew ? sequence : send.sequence());
    if (isNew && !refuses) {
      List<Header> all = new ArrayList<>(send.headers().asList());
      all.add(producer);
      all.add(Header.of(WireHeaders.SEQUENCE, Long.toString(sequence)));
      send.headers(Headers.of(all));
    }
    return isNew;
  }

  // ---- what comes back

  @Override
  void decide(PendingSend some, ErrorKind kind, boolean maybeStored, Throwable cause) {
    GatedSend send = (GatedSend) some;
    send.attemptFailed(maybeStored);
    boolean mayTryAgain =
        kind.isRetriable() && !isClosed() && send.deadline() - runtime.nanoTime() > 0;
    if (mayTryAgain && send.takeBack()) {
      returned(send);
    } else if (send.fail(kind, send.maybeStoredBefore(), cause)) {
      returned(send);
    } else if (send.finishAbandoned()) {
      left(send);
      returned(send);
    }
  }

  @Override
  void returned(PendingSend some) {
    GatedSend send = (GatedSend) some;
    GatedSend top;
    do {
      top = returned.get();
      send.nextReturned = top;
    } while (!returned.compareAndSet(top, send));
    drain();
  }

  @Override
  void absorb() {
    settleReturned();
  }

  private void settleReturned() {
    GatedSend send = returned.getAndSet(null);
    while (send != null) {
      GatedSend following = send.nextReturned;
      send.nextReturned = null;
      settle(send);
      send = following;
    }
  }

  private void settle(GatedSend send) {
    GatedSend.Append append = send.within;
    if (append != null && --append.out == 0) {
      appends--;
    }
    send.within = null;
    if (refuses && keeper.isLost(send.generation()) && send.maybeStoredBefore()) {
      expireAsLost(send);
    }
    if (send.state() == PendingSend.WAITING) {
      Duration wait = Backoff.after(send.failures(), runtime.random());
      send.retryAt = runtime.nanoTime() + wait.toNanos();
      retries.add(send);
    } else {
      release(send);
    }
  }

  // ---- what is handed again

  private void takeDue() {
    long now = runtime.nanoTime();
    for (GatedSend send = retries.peek(); send != null; send = retries.peek()) {
      if (send.retryAt - now > 0 && !send.isDecided()) {
        return;
      }
      again.add(retries.remove());
    }
  }

  private void setTimer() {
    GatedSend first = retries.peek();
    if (first == null || (timerSet && timerAt - first.retryAt <= 0)) {
      return;
    }
    timerSet = true;
    timerAt = first.retryAt;
    long wait = Math.max(1, first.retryAt - runtime.nanoTime());
    runtime.schedule(Duration.ofNanos(wait), () -> post(this::timerRang));
  }

  private void timerRang() {
    timerSet = false;
  }

  @Override
  void sinkLost() {
    if (!refuses) {
      return; // its number is in its headers: a copy will be known as one
    }
    for (Iterable<GatedSend> waiting : List.of(retries, again)) {
      for (GatedSend send : waiting) {
        if (send.maybeStoredBefore()) {
          expireAsLost(send);
        }
      }
    }
  }

  /** The next sink has another producer's name, so the store would not know these as copies. */
  private static void expireAsLost(GatedSend send) {
    send.expire(
        ErrorKind.UNAVAILABLE, new IllegalStateException("the connection was lost meanwhile"));
  }
}
