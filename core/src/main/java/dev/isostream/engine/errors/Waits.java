package dev.isostream.engine.errors;

import dev.isostream.MessagingException;
import dev.isostream.engine.Nanos;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for a driver's answer on an application's thread. Stateless. */
public final class Waits {

  private Waits() {}

  /**
   * The stage's value.
   *
   * <p>Blocks: at most this long.
   *
   * <p>Fails: as {@link Errors#translate} says; where there is no answer in time, as if the broker
   * could not be reached.
   *
   * @param doing what is being done, to follow "while"
   */
  public static <V> V get(CompletionStage<V> stage, Duration limit, String doing) {
    try {
      return stage.toCompletableFuture().get(Nanos.of(limit), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw Errors.interrupted(doing, e);
    } catch (ExecutionException e) {
      throw here(Errors.translate(doing, e));
    } catch (TimeoutException e) {
      throw Errors.translate(doing, new TimeoutException("no answer within " + limit));
    }
  }

  /** Lets an exception that was made elsewhere also show who waited for it. */
  public static MessagingException here(MessagingException failure) {
    failure.addSuppressed(new Awaited());
    return failure;
  }

  /** Only the place of the wait. */
  private static final class Awaited extends Exception {
    private static final long serialVersionUID = 1L;

    Awaited() {
      super("awaited here");
    }
  }
}
