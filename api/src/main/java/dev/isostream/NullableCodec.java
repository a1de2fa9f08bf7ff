package dev.isostream;

import org.jspecify.annotations.Nullable;

/** A codec for which an absent payload (a tombstone) is a value: {@code null}. */
record NullableCodec<T>(Codec<T> codec) implements Codec<@Nullable T> {

  @Override
  public byte[] encode(@Nullable T payload) {
    if (payload == null) {
      throw new IllegalArgumentException("an absent payload has no bytes");
    }
    return codec.encode(payload);
  }

  @Override
  @SuppressWarnings(
      "NullAway") // on a JDK before 22 it does not see that this Codec's T is nullable
  public @Nullable T decode(byte[] bytes) {
    return codec.decode(bytes);
  }
}
