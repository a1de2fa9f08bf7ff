package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.Delivery;
import dev.isostream.MessagingException;
import dev.isostream.engine.EngineRuntime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Hands deliveries to receivers that ask for them. */
final class PullOutlet<T> implements Outlet<T> {

  private final MemberLoop<T> member;
  private final EngineRuntime runtime;
  private final Queue<Request<T>> requests = new ArrayDeque<>();
  private boolean over;

  PullOutlet(MemberLoop<T> member, EngineRuntime runtime) {
    this.member = member;
    this.runtime = runtime;
  }

  /** A receiver that waits. */
  static final class Request<T> {
    final int max;
    final CompletableFuture<List<HeldDelivery<T>>> answer = new CompletableFuture<>();

    Request(int max) {
      this.max = max;
    }
  }

  /** Asks for deliveries; from any thread. The answer is never empty, unless it is cancelled. */
  Request<T> ask(int max) {
    Request<T> request = new Request<>(max);
    member.onLoop(
        () -> {
          if (over) {
            request.answer.completeExceptionally(endedCause());
          } else {
            requests.add(request);
          }
        });
    if (member.hasEnded()) {
      // Nobody may look at what was posted just now.
      request.answer.completeExceptionally(endedCause());
    }
    return request;
  }

  /** Withdraws a request; false where the answer was faster. */
  boolean withdraw(Request<T> request) {
    boolean withdrawn = request.answer.complete(List.of());
    member.onLoop(() -> requests.remove(request));
    return withdrawn;
  }

  /** Takes back what an interrupted receiver was given and never saw; from any thread. */
  void giveBackLater(List<HeldDelivery<T>> batch) {
    member.onLoop(() -> giveBack(batch));
  }

  @Override
  public void pump() {
    Request<T> request;
    while ((request = requests.peek()) != null) {
      if (request.answer.isDone()) {
        requests.poll();
        continue;
      }
      List<HeldDelivery<T>> batch = collect(member, request.max, runtime);
      if (batch.isEmpty()) {
        return;
      }
      requests.poll();
      if (!request.answer.complete(batch)) {
        giveBack(batch);
      }
    }
  }

  /** Up to so many deliveries, in hand. */
  static <T> List<HeldDelivery<T>> collect(MemberLoop<T> member, int max, EngineRuntime runtime) {
    List<HeldDelivery<T>> batch = new ArrayList<>(Math.min(max, 64));
    long now = runtime.nanoTime();
    while (batch.size() < max) {
      HeldDelivery<T> at =
          member.dispatcher().nextRun(max - batch.size(), Dispatcher.Kind.STORED_ORDER);
      if (at == null) {
        break;
      }
      for (; at != null; at = at.nextInRun) {
        at.handOut(now);
        batch.add(at);
      }
    }
    return batch;
  }

  private void giveBack(List<HeldDelivery<T>> batch) {
    giveBack(member, batch);
  }

  /** Takes back what was handed out and never seen; on the loop. */
  static <T> void giveBack(MemberLoop<T> member, List<HeldDelivery<T>> batch) {
    for (HeldDelivery<T> delivery : batch) {
      delivery.nextInRun = null;
      if (delivery.unhand()) {
        member.settler().tookBack(delivery);
      }
    }
  }

  /**
   * On the receiver's thread: leaves out what the filter does not pass and what does not decode,
   * and with the latter the later ones of its key, which come back with it (contract D9, O4).
   */
  static <T> List<Delivery<T>> usable(MemberLoop<T> member, List<HeldDelivery<T>> batch) {
    List<Delivery<T>> usable = new ArrayList<>(batch.size());
    Set<KeyChain<T>> failed = new HashSet<>();
    for (HeldDelivery<T> delivery : batch) {
      KeyChain<T> chain = delivery.chain;
      if (chain != null && failed.contains(chain)) {
        continue;
      }
      try {
        if (!Filtering.passes(member.settings().filter(), delivery)) {
          PushOutlet.concluded(member, delivery, null);
          continue;
        }
        delivery.payload();
        usable.add(delivery);
      } catch (Throwable e) { // also errors, as where a handler is called (contract D9)
        if (chain != null) {
          failed.add(chain);
        }
        PushOutlet.concluded(member, delivery, e);
      }
    }
    return usable;
  }

  MessagingException endedCause() {
    MessagingException failure = member.failure();
    return failure != null
        ? failure
        : new ClosedException(
            "The consumer of group \"" + member.settings().group() + "\" is closed.");
  }

  @Override
  public long deadline() {
    return Long.MAX_VALUE;
  }

  @Override
  public void takeBack() {
    // Nothing is on its way: what is handed out is in hand at once.
  }

  @Override
  public boolean runsHandlers() {
    return false;
  }

  @Override
  public boolean isHandlerThread() {
    return false;
  }

  @Override
  public void ended() {
    over = true;
    requests.forEach(request -> request.answer.completeExceptionally(endedCause()));
    requests.clear();
  }
}
