package dev.isostream;

import org.jspecify.annotations.Nullable;

/**
 * Turns payloads into bytes and back.
 *
 * <p>Threads: called from any thread, by several at once.
 *
 * <p>Fails: what {@link #decode} throws makes the delivery a failed one (contract D9); what {@link
 * #encode} throws fails the send before anything is sent (contract P7).
 */
public interface Codec<T extends @Nullable Object> {

  /** The payload as bytes. The caller owns the array afterwards. */
  byte[] encode(T payload);

  /** The payload of these bytes. The array must not be kept or changed. */
  T decode(byte[] bytes);
}
