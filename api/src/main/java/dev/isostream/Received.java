package dev.isostream;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stored message as a reader or a member of a group gets it. */
public interface Received<T extends @Nullable Object> extends MessageInfo {

  /**
   * The payload.
   *
   * <p>Fails: {@link DecodeException}, only in a reader that asked for undecodable messages raw
   * (contract D9).
   */
  T payload();

  /** The payload byte for byte, empty where the message has none; must not be changed. */
  Optional<byte[]> body();
}
