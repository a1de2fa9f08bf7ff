package dev.isostream.core;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.isostream.Codec;
import java.io.IOException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON of one type. Thread-safe.
 *
 * <p>What Jackson says of a payload quotes it, and ends up in logs and dead-letter headers; so only
 * the place and kind of a failure are passed on, never its text (contract E4).
 */
record JsonCodec<T>(Class<T> type, ObjectReader reader, ObjectWriter writer) implements Codec<T> {

  @Override
  public byte[] encode(T payload) {
    // Codecs come from applications that need not be null-checked by a compiler.
    if (isAbsent(payload)) {
      throw new IllegalArgumentException(
          "A payload of "
              + type.getName()
              + " must not be null; see Codecs.nullable for messages without one.");
    }
    try {
      return writer.writeValueAsBytes(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "Can't write " + type.getName() + " as JSON: " + problem(e), withoutText(e));
    }
  }

  @Override
  public T decode(byte[] bytes) {
    T payload;
    try {
      payload = reader.readValue(bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The payload is not JSON of " + type.getName() + ": " + problem(e), withoutText(e));
    }
    if (isAbsent(payload)) {
      throw new IllegalArgumentException(
          "The payload is JSON null, which is no " + type.getName() + ".");
    }
    return payload;
  }

  private static boolean isAbsent(@Nullable Object payload) {
    return payload == null;
  }

  private static String problem(IOException e) {
    if (!(e instanceof JacksonException jackson)) {
      return e.getClass().getSimpleName() + ".";
    }
    StringBuilder text = new StringBuilder(jackson.getClass().getSimpleName());
    if (jackson instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      text.append(" at ").append(path(mapping));
    }
    JsonLocation location = jackson.getLocation();
    if (location != null && location.getByteOffset() >= 0) {
      text.append(" (byte ").append(location.getByteOffset()).append(')');
    }
    return text.append('.').toString();
  }

  /** Field names of the type, or indexes; a map's keys are the payload's own and left out. */
  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(step -> step.getIndex() >= 0 ? "[" + step.getIndex() + "]" : fieldOf(step))
        .collect(Collectors.joining("."));
  }

  private static String fieldOf(JsonMappingException.Reference step) {
    boolean map = step.getFrom() == java.util.Map.class || step.getFrom() instanceof java.util.Map;
    return map || step.getFieldName() == null ? "?" : step.getFieldName();
  }

  /** The same stack without the text. */
  private static Throwable withoutText(Throwable e) {
    Throwable bare = new IllegalArgumentException(e.getClass().getName());
    bare.setStackTrace(e.getStackTrace());
    return bare;
  }
}
