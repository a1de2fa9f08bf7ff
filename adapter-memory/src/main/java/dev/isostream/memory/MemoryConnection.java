package dev.isostream.memory;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One application's connection to a {@link MemoryBroker}, as {@code Messaging.unwrap} gives it; for
 * tests, which can cut it, or end it as if its process had died.
 *
 * <p>Threads: thread-safe.
 */
public final class MemoryConnection {

  private enum Link {
    OPEN,
    STALLED,
    UNHEARD,
    CUT,
    CLOSED
  }

  private final MemoryBroker broker;
  private final MemoryConfig config;
  private final AtomicReference<Link> link = new AtomicReference<>(Link.OPEN);
  private final Set<Doorbell> doorbells = ConcurrentHashMap.newKeySet();
  private final Set<MemorySink> sinks = ConcurrentHashMap.newKeySet();
  private final Queue<Parked<?>> parked = new ConcurrentLinkedQueue<>();

  MemoryConnection(MemoryBroker broker, MemoryConfig config) {
    this.broker = broker;
    this.config = config;
  }

  /** The client id that it was opened with. */
  public String clientId() {
    return config.clientId();
  }

  /** The broker at its other end. */
  public MemoryBroker broker() {
    return broker;
  }

  /**
   * Cuts it until {@link #heal}: every request fails as unreachable, while the broker and all
   * others go on. Members are given up when their session ends, and find out later.
   */
  public void cut() {
    change(Link.CUT);
  }

  /**
   * Stalls it until {@link #heal}: requests are sent and nothing comes back, while the broker and
   * all others go on. What is waited for still when it heals is done then.
   */
  public void stall() {
    change(Link.STALLED);
  }

  /**
   * Has requests carried out and their replies lost until {@link #heal}. Signs of life arrive;
   * messages to append are stored, and known by the broker when they are sent again.
   */
  public void loseReplies() {
    change(Link.UNHEARD);
  }

  /** Ends a {@link #cut}, {@link #stall} or {@link #loseReplies}. */
  public void heal() {
    change(Link.OPEN);
  }

  private void change(Link to) {
    broker.exclusively(() -> link.updateAndGet(from -> from == Link.CLOSED ? from : to));
    settle();
  }

  /**
   * Ends it as if the process had died: nothing is said to the broker, so that members count as
   * live until their session ends. The application at this end fails with "closed" from now on.
   */
  public void kill() {
    close();
  }

  void close() {
    broker.exclusively(() -> link.set(Link.CLOSED));
    broker.forget(this);
    settle();
  }

  MemoryConfig config() {
    return config;
  }

  /**
   * Begins a request; {@link #exit} ends it. Between, the broker does not change its state.
   *
   * @param whenSilent run instead, before that state can change, where the request gets stuck
   * @param whenUnheard run instead where the request arrives and its reply gets lost
   * @return whether the broker answers
   */
  boolean enter(Runnable whenSilent, Runnable whenUnheard) {
    broker.shared().lock();
    boolean entered = false;
    try {
      if (link.get() == Link.CLOSED) {
        throw MemoryErrors.closed(broker.name());
      }
      if (link.get() == Link.CUT || broker.isDown()) {
        throw MemoryErrors.unreachable(broker.name());
      }
      if (link.get() == Link.STALLED || broker.isStalled()) {
        whenSilent.run();
        return false;
      }
      broker.security().authenticate(config);
      if (link.get() == Link.UNHEARD) {
        whenUnheard.run();
        return false;
      }
      entered = true;
      return true;
    } finally {
      if (!entered) {
        exit();
      }
    }
  }

  /** As the other, with nothing to be done instead. */
  boolean enter() {
    return enter(() -> {}, () -> {});
  }

  void exit() {
    broker.shared().unlock();
  }

  /** A request whose answer may come later: where the broker is silent, when it speaks again. */
  <T extends @Nullable Object> CompletionStage<T> ask(Supplier<T> work) {
    expireParked();
    Parked<T> question =
        new Parked<>(
            work,
            new CompletableFuture<>(),
            broker.clock().nanoTime() + config.requestTimeout().toNanos());
    run(question);
    return question.answer();
  }

  private <T extends @Nullable Object> void run(Parked<T> question) {
    T answer;
    try {
      if (!enter(() -> parked.add(question), () -> parked.add(unheard(question)))) {
        return;
      }
      try {
        answer = question.work().get();
      } finally {
        exit();
      }
    } catch (RuntimeException e) {
      question.answer().completeExceptionally(e);
      return;
    }
    question.answer().complete(answer);
  }

  /** Does what was asked; all that is left is to find out that the answer got lost. */
  private <T extends @Nullable Object> Parked<T> unheard(Parked<T> question) {
    question.carryOut();
    return new Parked<>(
        () -> {
          throw MemoryErrors.unreachable(broker.name());
        },
        question.answer(),
        question.deadline());
  }

  /** A request that waits for its answer, at most the request timeout. */
  <T> T call(Supplier<T> work) {
    Doorbell doorbell = new Doorbell();
    doorbells.add(doorbell);
    try {
      long left = config.requestTimeout().toNanos();
      while (true) {
        doorbell.hush();
        if (enter()) {
          try {
            return work.get();
          } finally {
            exit();
          }
        }
        left = doorbell.await(left);
        if (left <= 0) {
          throw MemoryErrors.noAnswer(broker.name());
        }
      }
    } finally {
      doorbells.remove(doorbell);
    }
  }

  /** Fails what has waited for an answer for too long. */
  void expireParked() {
    if (!parked.isEmpty()) {
      long now = broker.clock().nanoTime();
      for (Parked<?> question : List.copyOf(parked)) {
        if (now - question.deadline() > 0 && parked.remove(question)) {
          question.answer().completeExceptionally(MemoryErrors.noAnswer(broker.name()));
        }
      }
    }
  }

  /** The link or the broker changed: asks again what had no answer, and wakes who waits. */
  void settle() {
    expireParked();
    for (int i = parked.size(); i > 0; i--) {
      Parked<?> question = parked.poll();
      if (question != null) {
        run(question);
      }
    }
    sinks.forEach(MemorySink::retry);
    wake();
  }

  void wake() {
    doorbells.forEach(Doorbell::ring);
  }

  /** Has the broker do what it did not answer yet, without answering. */
  void executeUnanswered() {
    for (Parked<?> question : List.copyOf(parked)) {
      if (parked.remove(question)) {
        question.carryOut();
        question.answer().completeExceptionally(MemoryErrors.unreachable(broker.name()));
      }
    }
    sinks.forEach(MemorySink::storeUnanswered);
  }

  boolean permits(String topic) {
    return broker.security().permits(config, topic);
  }

  void authorize(String topic) {
    broker.security().authorize(config, topic);
  }

  /** A topic that exists, and that this connection may use. */
  MemoryTopic topic(String topic) {
    authorize(topic);
    return broker.existing(topic);
  }

  void add(Doorbell doorbell) {
    doorbells.add(doorbell);
  }

  void remove(Doorbell doorbell) {
    doorbells.remove(doorbell);
  }

  void add(MemorySink sink) {
    sinks.add(sink);
  }

  void remove(MemorySink sink) {
    sinks.remove(sink);
  }

  @Override
  public String toString() {
    return "MemoryConnection[" + broker.name() + ", " + config.clientId() + "]";
  }

  private record Parked<T extends @Nullable Object>(
      Supplier<T> work, CompletableFuture<T> answer, long deadline) {

    /** Does it; nobody hears what came of it. */
    void carryOut() {
      CompletableFuture<T> unheard = new CompletableFuture<>();
      try {
        unheard.complete(work.get());
      } catch (RuntimeException e) {
        unheard.completeExceptionally(e);
      }
    }
  }
}
