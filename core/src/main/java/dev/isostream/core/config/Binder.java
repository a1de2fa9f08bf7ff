package dev.isostream.core.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.javaprop.JavaPropsFactory;
import com.fasterxml.jackson.dataformat.javaprop.JavaPropsMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Jackson, set up to make records of names with dots. What can't be read becomes null and the
 * binding goes on, so that {@link Property} finds all that is wrong. No type is ever named by the
 * input.
 */
final class Binder {

  static final JavaPropsMapper MAPPER =
      JavaPropsMapper.builder(new JavaPropsFactory())
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .addModule(
              new SimpleModule()
                  .addDeserializer(Duration.class, new Text<>(Duration.class, Units::duration))
                  // All that is that long is a number of bytes.
                  .addDeserializer(Long.class, new Text<>(Long.class, Units::bytes))
                  .addDeserializer(
                      OptionalInt.class, new Text<>(OptionalInt.class, Units::attempts)))
          .withCoercionConfigDefaults(
              config -> config.setCoercion(CoercionInputShape.EmptyString, CoercionAction.AsNull))
          .addHandler(
              new DeserializationProblemHandler() {
                @Override
                public @Nullable Object handleWeirdStringValue(
                    DeserializationContext context, Class<?> type, String value, String message) {
                  return null;
                }
              })
          .build();

  private Binder() {}

  /** Binds the core's own settings, over the defaults. */
  static CoreSettings bind(Map<String, Setting> settings) {
    Map<String, String> texts = new TreeMap<>();
    for (Property property : Property.ALL) {
      Optional.ofNullable(settings.get(property.name()))
          .map(Setting::value)
          .or(property::defaultText)
          .ifPresent(text -> texts.put(property.name(), text.strip()));
    }
    try {
      return MAPPER.readMapAs(texts, CoreSettings.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Values of one type, by what reads its text. */
  private static final class Text<T> extends StdScalarDeserializer<T> {

    private static final long serialVersionUID = 1L;
    private final transient Function<String, T> reader;

    Text(Class<T> type, Function<String, T> reader) {
      super(type);
      this.reader = reader;
    }

    @Override
    public @Nullable T deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      try {
        return reader.apply(parser.getText());
      } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
        return null;
      }
    }
  }
}
