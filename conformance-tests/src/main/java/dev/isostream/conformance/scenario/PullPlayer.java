package dev.isostream.conformance.scenario;

import dev.isostream.ClosedException;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.scenario.Verdict.Kind;
import dev.isostream.conformance.scene.Label;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A member without a handler that takes batches and does with them what its scenario says, on a
 * thread of its own. Thread-safe.
 */
final class PullPlayer implements AutoCloseable {

  /** One of a batch. */
  private record Taken(long handing, Delivery<?> delivery, Verdict verdict) {}

  private static final int BATCH = 6;
  private static final Duration STEP = Duration.ofMillis(50);

  private final Casting casting;
  private final Journal journal;
  private final Consumer<byte @Nullable []> consumer;
  private final Thread thread;
  private volatile boolean left;
  private boolean holding;
  private List<Taken> held = List.of();
  private volatile @Nullable Throwable failure;

  private PullPlayer(Casting casting, Consumer<byte @Nullable []> consumer, Journal journal) {
    this.casting = casting;
    this.consumer = consumer;
    this.journal = journal;
    this.thread = new Thread(this::play, "pull-player");
    thread.setDaemon(true);
  }

  static PullPlayer join(Casting casting) {
    String name = casting.scene().unique("pull");
    Journal journal = casting.journal(name);
    Consumer<byte @Nullable []> consumer =
        casting
            .settings(casting.messaging().consumer(casting.topic()))
            .listener(casting.listener(name))
            .open();
    PullPlayer player = casting.scene().closing(new PullPlayer(casting, consumer, journal));
    player.thread.start();
    return player;
  }

  private void play() {
    try {
      while (!left) {
        if (mayTake()) {
          List<Taken> batch = take();
          if (!heldBack(batch)) {
            settle(batch);
          }
        }
      }
    } catch (ClosedException e) {
      if (!left) {
        failure = e;
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      failure = e;
    }
  }

  private synchronized boolean mayTake() throws InterruptedException {
    while (!held.isEmpty() && !left) {
      wait(STEP.toMillis());
    }
    return held.isEmpty();
  }

  private List<Taken> take() {
    long batch = casting.scene().history().number();
    List<Taken> taken = new ArrayList<>();
    for (Delivery<?> delivery : consumer.receiveBatch(BATCH, STEP)) {
      long handing = journal.handed(batch, delivery);
      taken.add(new Taken(handing, delivery, casting.verdict(delivery)));
    }
    return taken;
  }

  private synchronized boolean heldBack(List<Taken> batch) {
    if (holding) {
      held = batch;
    }
    return holding;
  }

  /** From now on it keeps the next batch in hand, until {@link #goOn} or for ever. */
  synchronized void hold() {
    holding = true;
  }

  /** Whether it has something in hand that it keeps. */
  synchronized boolean holds() {
    return !held.isEmpty();
  }

  /** Settles what it kept, and all that follows. */
  synchronized void goOn() {
    holding = false;
    settle(held);
    held = List.of();
    notifyAll();
  }

  private void settle(List<Taken> batch) {
    Map<String, List<Taken>> partitions = new LinkedHashMap<>();
    for (Taken taken : batch) {
      partitions
          .computeIfAbsent(taken.delivery().partition(), name -> new ArrayList<>())
          .add(taken);
    }
    partitions.values().forEach(this::settlePartition);
  }

  /** All at once where all are done with, else one by one. */
  private void settlePartition(List<Taken> all) {
    boolean done = all.stream().allMatch(taken -> taken.verdict().kind() == Kind.ACK);
    if (done && all.size() > 1) {
      List<Long> handings = all.stream().map(Taken::handing).toList();
      handings.forEach(handing -> journal.asked(handing, How.ACK));
      journal.decided(handings, all.get(all.size() - 1).delivery().ackCumulative());
      return;
    }
    Set<String> stopped = new HashSet<>();
    for (Taken taken : all) {
      String key = Label.key(taken.delivery());
      // What is behind a failed one of its key is taken back with it (contract O4).
      if (key == null || !stopped.contains(key)) {
        settle(taken);
        if (key != null && taken.verdict().kind() != Kind.ACK) {
          stopped.add(key);
        }
      }
    }
  }

  private void settle(Taken taken) {
    List<Long> handing = List.of(taken.handing());
    Verdict verdict = taken.verdict();
    switch (verdict.kind()) {
      case ACK -> {
        journal.asked(taken.handing(), How.ACK);
        journal.decided(handing, taken.delivery().ack());
      }
      case NACK, THROW -> {
        journal.asked(taken.handing(), How.NACK);
        journal.decided(handing, taken.delivery().nack(verdict.delay()));
      }
      case DEAD_LETTER -> {
        journal.asked(taken.handing(), How.DEAD_LETTER);
        journal.decided(handing, taken.delivery().deadLetter(verdict.reason()));
      }
    }
  }

  /** Leaves in good order; what it keeps in hand goes back. */
  @Override
  public void close() {
    if (left) {
      return;
    }
    left = true;
    synchronized (this) {
      notifyAll();
    }
    awaitEnd();
    // Nothing is done any more with what is in hand, and it may be elsewhere before the call
    // returns.
    journal.left();
    consumer.close();
    Throwable cause = failure;
    if (cause != null) {
      throw new IllegalStateException(this + " failed: " + cause, cause);
    }
  }

  private void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + this + " was to end", e);
    }
  }

  @Override
  public String toString() {
    return "a member without a handler of " + casting.group().name();
  }
}
