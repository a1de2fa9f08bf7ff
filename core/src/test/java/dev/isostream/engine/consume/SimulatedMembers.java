package dev.isostream.engine.consume;

import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.GroupMember;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What blocks in the public API, without blocking: for the simulation, which has one thread. */
public final class SimulatedMembers {

  private SimulatedMembers() {}

  /** As {@link Consumer#receiveBatch}; the answer is empty only where nothing was usable. */
  @SuppressWarnings("unchecked") // the engine makes no other consumers
  public static <T> CompletionStage<List<Delivery<T>>> receive(Consumer<T> member, int max) {
    PullMember<T> pull = (PullMember<T>) member;
    return pull.outlet.ask(max).answer.thenApply(batch -> PullOutlet.usable(pull.loop, batch));
  }

  /** As {@link GroupMember#close(Duration)}. */
  public static CompletionStage<Void> close(GroupMember member, Duration limit) {
    AbstractMember<?, ?> known = (AbstractMember<?, ?>) member;
    known.loop.end(limit);
    return known.stopped();
  }
}
