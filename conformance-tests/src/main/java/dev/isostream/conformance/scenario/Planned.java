package dev.isostream.conformance.scenario;

import dev.isostream.Headers;
import dev.isostream.Message;
import dev.isostream.conformance.scene.Label;
import org.jspecify.annotations.Nullable;

/**
 * A message that a scenario sends. Immutable; the arrays are not changed.
 *
 * @param phase when it is sent, from 0
 * @param producer who sends it; all of a key have the same one
 * @param headers its name among them
 */
record Planned(
    String name,
    int phase,
    int producer,
    byte @Nullable [] key,
    byte @Nullable [] payload,
    Headers headers) {

  /** As it is to be found in histories. */
  String label() {
    return Label.of(key, payload, headers);
  }

  /** To be sent. */
  @SuppressWarnings("NullAway") // on a JDK before 22 it does not see that the payload may be null
  Message<byte @Nullable []> message() {
    Message<byte @Nullable []> message = Message.of(payload);
    return (key == null ? message : message.keyBytes(key)).headers(headers);
  }

  @Override
  public String toString() {
    return label();
  }
}
