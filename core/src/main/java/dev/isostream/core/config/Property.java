package dev.isostream.core.config;

import java.util.Optional;

/**
 * A property that the core knows: its name, what it may be, its default and its meaning. The same
 * object judges the value that a builder gets for it. Immutable.
 */
public final class Property<T> {

  private final String name;
  private final ValueType<T> type;
  private final Optional<String> defaultText;
  private final String meaning;

  Property(String name, ValueType<T> type, Optional<String> defaultText, String meaning) {
    this.name = name;
    this.type = type;
    this.defaultText = defaultText;
    this.meaning = meaning;
  }

  /** Its full name without the {@code isostream} prefix. */
  public String name() {
    return name;
  }

  /** What values it takes. */
  public ValueType<T> type() {
    return type;
  }

  /** Its default as text; empty where there is none. */
  public Optional<String> defaultText() {
    return defaultText;
  }

  /** What it is for, in one sentence. */
  public String meaning() {
    return meaning;
  }

  /** Its default. Fails: {@link java.util.NoSuchElementException} where it has none. */
  public T defaultValue() {
    return type.parse(defaultText.orElseThrow());
  }

  @Override
  public String toString() {
    return name;
  }
}
