package dev.isostream.engine.lease;

import dev.isostream.engine.EngineRuntime;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One kind of request to the store: at most one under way; given up when it takes too long, its
 * answer then ignored; after a failure the next one waits a little longer each time. Confined to
 * the member's loop.
 */
final class RequestSlot {

  static final long NEVER = Long.MAX_VALUE;
  private static final int DOUBLINGS_MAX = 5;

  private final EngineRuntime runtime;
  private final Consumer<Runnable> post;
  private final Consumer<Throwable> failed;
  private final String what;
  private final long patienceNanos;

  private @Nullable Object underWay;
  private Runnable onFailure = () -> {};
  private long givenUpAt = NEVER;
  private long notBefore = Long.MIN_VALUE;
  private int failures;

  /**
   * Makes a free slot.
   *
   * @param patienceNanos after which a request counts as failed
   * @param failed told of every failure
   */
  RequestSlot(
      EngineRuntime runtime,
      Consumer<Runnable> post,
      Consumer<Throwable> failed,
      String what,
      long patienceNanos) {
    this.runtime = runtime;
    this.post = post;
    this.failed = failed;
    this.what = what;
    this.patienceNanos = patienceNanos;
  }

  /** Whether a request may be sent now. */
  boolean isFree(long now) {
    return underWay == null && now >= notBefore;
  }

  /** Whether a request is under way. */
  boolean isBusy() {
    return underWay != null;
  }

  /**
   * When there is something to do here.
   *
   * @param wantedAt when the next request is wanted; {@link #NEVER} where none is
   */
  long due(long wantedAt) {
    return underWay != null ? givenUpAt : Math.max(wantedAt, notBefore);
  }

  /**
   * Sends a request.
   *
   * @param done called on the loop with the answer
   * @param undone called on the loop, after the slot's own bookkeeping, where there is none
   */
  <V extends @Nullable Object> void send(
      long now, Supplier<CompletionStage<V>> request, Consumer<V> done, Runnable undone) {
    Object token = new Object();
    underWay = token;
    onFailure = undone;
    givenUpAt = now + patienceNanos;
    CompletionStage<V> stage;
    try {
      stage = request.get();
    } catch (RuntimeException e) {
      post.accept(() -> fail(token, e));
      return;
    }
    stage.whenComplete(
        (answer, failure) ->
            post.accept(
                () -> {
                  if (failure != null) {
                    fail(token, failure);
                  } else if (underWay == token) {
                    over();
                    failures = 0;
                    done.accept(answer);
                  }
                }));
  }

  /** Gives up a request that takes too long. */
  void expire(long now) {
    if (underWay != null && now >= givenUpAt) {
      fail(underWay, new TimeoutException("No answer to: " + what));
    }
  }

  private void fail(Object token, Throwable failure) {
    if (underWay != token) {
      return;
    }
    over();
    notBefore = runtime.nanoTime() + backoff();
    failures++;
    Throwable cause = failure.getCause();
    failed.accept(failure instanceof CompletionException && cause != null ? cause : failure);
    onFailure.run();
  }

  private void over() {
    underWay = null;
    givenUpAt = NEVER;
  }

  /** A 64th of the patience, doubled with each failure up to half of it, and up to half as much. */
  private long backoff() {
    long base = (patienceNanos >> 6) << Math.min(failures, DOUBLINGS_MAX);
    return base + (long) (base * 0.5 * runtime.random().nextDouble());
  }
}
