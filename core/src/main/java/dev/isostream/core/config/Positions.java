package dev.isostream.core.config;

import dev.isostream.InvalidPositionException;
import dev.isostream.Position;
import dev.isostream.StartAt;

/** Whether positions belong where they are used; they may come from anywhere (contract E5). */
public final class Positions {

  private Positions() {}

  /** Fails with {@link InvalidPositionException} for one of another topic or backend. */
  public static void check(StartAt place, String topic, String backend) {
    if (place instanceof StartAt.At at) {
      at.positions().forEach(position -> check(position, topic, backend));
    }
  }

  /** Fails with {@link InvalidPositionException} for one of another topic or backend. */
  public static void check(Position position, String topic, String backend) {
    if (!position.backend().equals(backend)) {
      throw new InvalidPositionException(
          "The position \""
              + position
              + "\" was taken from the backend "
              + position.backend()
              + "; here is "
              + backend
              + ".");
    }
    if (!position.topic().equals(topic)) {
      throw new InvalidPositionException(
          "The position \""
              + position
              + "\" is one of topic \""
              + position.topic()
              + "\", not of \""
              + topic
              + "\".");
    }
  }
}
