package dev.isostream.engine;

import dev.isostream.MemberListener;
import dev.isostream.engine.consume.SoloGate;
import dev.isostream.spi.Driver;
import java.time.Duration;
import java.util.List;

/**
 * What everything opened through one {@link dev.isostream.Messaging} shares. Immutable.
 *
 * @param requestTimeout bounds each question to the backend
 * @param listeners told of everything, before those of a single member
 * @param soloGate lets one member have a message in hand alone
 * @param instance tells this {@code Messaging} from every other, also from the same program's next
 *     run: 56 random bits, written into each note (contract D5)
 */
public record EngineContext(
    Driver driver,
    EngineRuntime runtime,
    String clientId,
    Duration requestTimeout,
    List<MemberListener> listeners,
    SoloGate soloGate,
    long instance) {

  private static final int INSTANCE_BITS = 56;

  /** With a gate and an instance number of its own. */
  public EngineContext(
      Driver driver,
      EngineRuntime runtime,
      String clientId,
      Duration requestTimeout,
      List<MemberListener> listeners) {
    this(
        driver, runtime, clientId, requestTimeout, listeners, new SoloGate(), newInstance(runtime));
  }

  public EngineContext {
    listeners = List.copyOf(listeners);
  }

  private static long newInstance(EngineRuntime runtime) {
    return runtime.random().nextLong() >>> (Long.SIZE - INSTANCE_BITS);
  }
}
