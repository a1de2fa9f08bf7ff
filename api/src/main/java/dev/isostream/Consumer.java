package dev.isostream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A member of a group that is asked for messages.
 *
 * <p>Threads: thread-safe; several threads may receive, each delivery goes to one of them.
 */
public interface Consumer<T extends @Nullable Object> extends GroupMember {

  /**
   * The next delivery.
   *
   * <p>Blocks: until there is one, at most {@code wait}. When interrupted, fails with {@link
   * InterruptedOperationException}, the interrupt flag set, nothing taken.
   *
   * @param wait zero or more
   * @return empty when there was none in that time
   */
  Optional<Delivery<T>> receive(Duration wait);

  /**
   * Up to {@code max} deliveries, as soon as there is one. May hold several of one key, in order;
   * that key then stays here until all are settled. Nacking one takes the later unsettled ones of
   * its key back with it, without counting an attempt for those (contract O4).
   *
   * <p>Blocks: as {@link #receive}.
   */
  List<Delivery<T>> receiveBatch(int max, Duration wait);
}
