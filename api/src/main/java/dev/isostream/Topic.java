package dev.isostream;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A topic's name and how its payloads are turned into bytes and back.
 *
 * @param name letters, digits, {@code .}, {@code _} and {@code -}, 1 to 200 of them; legal on every
 *     backend
 */
public record Topic<T extends @Nullable Object>(String name, Codec<T> codec) {

  /** The longest legal name, in characters. */
  public static final int MAX_NAME_LENGTH = 200;

  public Topic {
    Names.check("topic", name, MAX_NAME_LENGTH);
    Objects.requireNonNull(codec, "codec");
  }

  /** A topic with this codec. */
  public static <T extends @Nullable Object> Topic<T> of(String name, Codec<T> codec) {
    return new Topic<>(name, codec);
  }

  @Override
  public String toString() {
    return "Topic[" + name + "]";
  }
}
