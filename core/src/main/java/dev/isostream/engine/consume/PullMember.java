package dev.isostream.engine.consume;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.InterruptedOperationException;
import dev.isostream.InvalidRequestException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.Nanos;
import dev.isostream.engine.errors.Errors;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A member that is asked for messages. */
final class PullMember<T> extends AbstractMember<T, PullOutlet<T>> implements Consumer<T> {

  /** Also a receiver that does not want to wait gives the loop the time to answer. */
  private static final long MIN_WAIT_NANOS = 2_000_000L;

  PullMember(EngineContext context, MemberLoop<T> loop, PullOutlet<T> outlet) {
    super(context, loop, outlet);
  }

  @Override
  public Optional<Delivery<T>> receive(Duration wait) {
    List<Delivery<T>> one = receiveBatch(1, wait);
    return one.isEmpty() ? Optional.empty() : Optional.of(one.get(0));
  }

  @Override
  public List<Delivery<T>> receiveBatch(int max, Duration wait) {
    if (max < 1) {
      throw new InvalidRequestException("max must be 1 or more, was " + max + ".");
    }
    if (wait.isNegative()) {
      throw new InvalidRequestException("wait must not be negative, was " + wait + ".");
    }
    long deadline = context.runtime().nanoTime() + Nanos.of(wait);
    while (true) {
      if (loop.stopped().isDone()) {
        throw outlet.endedCause();
      }
      PullOutlet.Request<T> request = outlet.ask(max);
      long left = deadline - context.runtime().nanoTime();
      List<Delivery<T>> usable = PullOutlet.usable(loop, await(request, left));
      if (!usable.isEmpty() || context.runtime().nanoTime() >= deadline) {
        return usable;
      }
    }
  }

  private List<HeldDelivery<T>> await(PullOutlet.Request<T> request, long nanos) {
    try {
      return request.answer.get(Math.max(nanos, MIN_WAIT_NANOS), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      outlet.withdraw(request);
      return request.answer.join();
    } catch (InterruptedException e) {
      if (!outlet.withdraw(request)) {
        outlet.giveBackLater(request.answer.join());
      }
      Thread.currentThread().interrupt();
      throw new InterruptedOperationException(
          "Interrupted while waiting for messages of group \"" + group() + "\".", e);
    } catch (ExecutionException e) {
      throw Errors.translate("receiving for group \"" + group() + "\"", e);
    }
  }
}
