package dev.isostream;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Ready-made codecs. */
public final class Codecs {

  private Codecs() {}

  /** Bytes as they are, not copied. */
  public static Codec<byte[]> bytes() {
    return BytesCodec.INSTANCE;
  }

  /** Text in UTF-8; bytes that are not UTF-8 do not decode. */
  public static Codec<String> utf8() {
    return Utf8Codec.INSTANCE;
  }

  /**
   * JSON in UTF-8, by Jackson: records, beans, {@code java.time}, {@code Optional}.
   *
   * <p>Fails: {@link ConfigurationException} if {@code isostream-core} is missing.
   */
  public static <T> Codec<T> json(Class<T> type) {
    Objects.requireNonNull(type, "type");
    return ServiceLoader.load(CodecProvider.class, CodecProvider.class.getClassLoader())
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "No JSON codec found: add dev.isostream:isostream-core to the class path."))
        .json(type);
  }

  /**
   * Lets payloads be absent: {@code null} is sent as a message without a body (a tombstone, where
   * the backend knows it), and such a message decodes to {@code null}. Without it, a message
   * without a body is one that can't be decoded (contract D9).
   */
  public static <T> Codec<@Nullable T> nullable(Codec<T> codec) {
    return new NullableCodec<>(codec);
  }

  /** Whether this codec was made by {@link #nullable}. For the implementation. */
  public static boolean isNullable(Codec<?> codec) {
    return codec instanceof NullableCodec;
  }

  private enum BytesCodec implements Codec<byte[]> {
    INSTANCE;

    @Override
    public byte[] encode(byte[] payload) {
      return payload;
    }

    @Override
    public byte[] decode(byte[] bytes) {
      return bytes;
    }
  }

  private enum Utf8Codec implements Codec<String> {
    INSTANCE;

    @Override
    public byte[] encode(String payload) {
      return payload.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(byte[] bytes) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("The payload is not UTF-8 text.", e);
      }
    }
  }
}
