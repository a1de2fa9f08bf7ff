package dev.isostream.engine;

import dev.isostream.MemberListener;
import dev.isostream.spi.Driver;
import java.time.Duration;
import java.util.List;

/**
 * What everything opened through one {@link dev.isostream.Messaging} shares. Immutable.
 *
 * @param requestTimeout bounds each question to the backend
 * @param listeners told of everything, before those of a single member
 */
public record EngineContext(
    Driver driver,
    EngineRuntime runtime,
    String clientId,
    Duration requestTimeout,
    List<MemberListener> listeners) {

  public EngineContext {
    listeners = List.copyOf(listeners);
  }
}
