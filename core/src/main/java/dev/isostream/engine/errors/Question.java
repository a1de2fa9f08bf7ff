package dev.isostream.engine.errors;

import dev.isostream.MessagingException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.Nanos;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * One call of the application, which may take several questions to the driver; all of them together
 * take no longer than the request timeout. Confined to the calling thread.
 */
public final class Question {

  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final EngineRuntime runtime;
  private final String doing;
  private final long deadline;

  /**
   * Starts the time.
   *
   * @param doing what is being done, as in {@link Errors#translate}
   */
  public Question(EngineContext context, String doing) {
    this(context, doing, context.requestTimeout());
  }

  /**
   * Starts the time.
   *
   * @param limit shorter than the request timeout, or it does not count
   */
  public Question(EngineContext context, String doing, Duration limit) {
    this.runtime = context.runtime();
    this.doing = doing;
    long most = Math.min(Nanos.of(limit), Nanos.of(context.requestTimeout()));
    this.deadline = runtime.nanoTime() + most;
  }

  /** What is left of the time, in nanoseconds; 0 or more. */
  public long remaining() {
    return Math.max(0, deadline - runtime.nanoTime());
  }

  /** Asks for a change: once, as nobody knows what became of one that got no answer. */
  public <R> R change(Supplier<CompletionStage<R>> question) {
    try {
      return answer(question);
    } catch (Failed e) {
      throw failed(e.failure);
    }
  }

  /** Asks for what is known: again while the backend is unavailable and there is time. */
  public <R> R ask(Supplier<CompletionStage<R>> question) {
    long pause = FIRST_PAUSE;
    while (true) {
      try {
        return answer(question);
      } catch (Failed e) {
        boolean again = Errors.kindOf(e.failure) == ErrorKind.UNAVAILABLE && remaining() > pause;
        if (!again) {
          throw failed(e.failure);
        }
      }
      pause(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  /** As {@link #ask}, for what the driver does on the calling thread. */
  public void run(Runnable question) {
    var unused =
        ask(
            () -> {
              question.run();
              return CompletableFuture.completedFuture(Boolean.TRUE);
            });
  }

  /** What failed, for those who translate it on their own. */
  public RuntimeException failed(Throwable failure) {
    MessagingException translated = Errors.translate(doing, failure);
    return translated == failure ? Errors.here(translated) : translated;
  }

  /** The time is over. */
  public RuntimeException timedOut() {
    return failed(new TimeoutException());
  }

  /** Leaves the backend alone for a moment. */
  public void pauseBriefly() {
    pause(Math.min(FIRST_PAUSE, remaining()));
  }

  private void pause(long nanos) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    EngineRuntime.Timer timer =
        runtime.schedule(Duration.ofNanos(nanos), () -> over.complete(null));
    try {
      over.get(remaining(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw Errors.interrupted(doing, e);
    } catch (ExecutionException | TimeoutException e) {
      throw failed(e);
    } finally {
      timer.cancel();
    }
  }

  private <R> R answer(Supplier<CompletionStage<R>> question) throws Failed {
    try {
      return question.get().toCompletableFuture().get(remaining(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw Errors.interrupted(doing, e);
    } catch (ExecutionException e) {
      throw new Failed(Errors.unwrap(e));
    } catch (TimeoutException | CompletionException e) {
      throw new Failed(e);
    } catch (MessagingException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new Failed(e);
    }
  }

  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;
    private final Throwable failure;

    Failed(Throwable failure) {
      super(failure);
      this.failure = failure;
    }
  }
}
