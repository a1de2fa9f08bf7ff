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
 */
public record EngineContext(
    Driver driver,
    EngineRuntime runtime,
    String clientId,
    Duration requestTimeout,
    List<MemberListener> listeners,
    SoloGate soloGate) {

  /** With a gate of its own. */
  public EngineContext(
      Driver driver,
      EngineRuntime runtime,
      String clientId,
      Duration requestTimeout,
      List<MemberListener> listeners) {
    this(driver, runtime, clientId, requestTimeout, listeners, new SoloGate());
  }

  public EngineContext {
    listeners = List.copyOf(listeners);
  }
}
