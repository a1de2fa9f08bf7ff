package dev.isostream.core.config;

import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A property that the core knows: a component of a bound record, as Jackson sees it. Immutable.
 *
 * @param name in full, without the {@code isostream} prefix
 * @param code what builders call it
 * @param defaultText empty where there is none
 * @param meaning what it is for, in one sentence
 * @param value takes it out of the outermost record
 */
record Property(
    String name,
    String code,
    Class<?> type,
    Allowed bounds,
    Optional<String> defaultText,
    String meaning,
    Function<Object, @Nullable Object> value) {

  /** All of the core, in the order of the documentation. */
  static final List<Property> ALL = of(CoreSettings.class);

  /** Those of a record and of the records in it. */
  static List<Property> of(Class<? extends Record> type) {
    List<Property> found = new ArrayList<>();
    collect(Binder.MAPPER.constructType(type), "", UnaryOperator.identity(), found);
    return List.copyOf(found);
  }

  private static void collect(
      JavaType type, String prefix, Function<Object, Object> outer, List<Property> found) {
    DeserializationConfig config = Binder.MAPPER.getDeserializationConfig();
    for (BeanPropertyDefinition component :
        config.getClassIntrospector().forDeserialization(config, type, config).findProperties()) {
      String name = prefix + component.getName();
      AnnotatedMember accessor = component.getAccessor();
      accessor.fixAccess(true);
      Function<Object, Object> value = record -> accessor.getValue(outer.apply(record));
      if (component.getPrimaryType().isRecordType()) {
        collect(component.getPrimaryType(), name + ".", value, found);
      } else {
        found.add(
            new Property(
                name,
                component.getInternalName(),
                component.getRawPrimaryType(),
                component.getConstructorParameter().getAnnotation(Allowed.class),
                Optional.ofNullable(component.getMetadata().getDefaultValue()),
                Objects.requireNonNull(component.getMetadata().getDescription()),
                value));
      }
    }
  }

  /** What is allowed, in words. */
  String allowed() {
    return bounds.words().isEmpty()
        ? bounds.min() + " to " + bounds.max() + Units.HINTS.getOrDefault(type, "")
        : bounds.words();
  }

  /** What is wrong with its value in a record; empty where nothing is. */
  Optional<String> problem(Object record) {
    return allows(value.apply(record)) ? Optional.empty() : Optional.of("allowed: " + allowed());
  }

  private boolean allows(@Nullable Object given) {
    if (given == null) {
      return defaultText.isEmpty();
    }
    if (given instanceof String text) {
      return text.matches(bounds.pattern());
    }
    return bounds.min().isEmpty()
        || (compare(bounds.min(), given) <= 0 && compare(bounds.max(), given) >= 0);
  }

  @SuppressWarnings("unchecked") // All that has bounds is compared with its own kind.
  private int compare(String bound, Object given) {
    return ((Comparable<Object>) Binder.MAPPER.convertValue(bound, type)).compareTo(given);
  }
}
