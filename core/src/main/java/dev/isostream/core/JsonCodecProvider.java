package dev.isostream.core;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.isostream.Codec;
import dev.isostream.CodecProvider;

/** JSON by Jackson; found through {@link java.util.ServiceLoader}. Thread-safe. */
public final class JsonCodecProvider implements CodecProvider {

  /** Immutable once built; building one is dear, a codec is cheap. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addModule(new Jdk8Module())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          // A consumer that is older than its producer must not choke on a field it does not know.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** For {@link java.util.ServiceLoader}. */
  public JsonCodecProvider() {}

  @Override
  public <T> Codec<T> json(Class<T> type) {
    return new JsonCodec<>(type, MAPPER.readerFor(type), MAPPER.writerFor(type));
  }
}
