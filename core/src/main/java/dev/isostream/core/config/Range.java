package dev.isostream.core.config;

import java.util.function.Function;

/**
 * Values from a smallest to a largest one, both included.
 *
 * @param hint how to write one, in words
 */
record Range<T extends Comparable<T>>(
    T min, T max, Function<String, T> parser, Function<T, String> formatter, String hint)
    implements ValueType<T> {

  @Override
  public T parse(String text) {
    return parser.apply(text.strip());
  }

  @Override
  public String format(T value) {
    return formatter.apply(value);
  }

  @Override
  public String allowed() {
    return format(min) + " to " + format(max) + hint;
  }

  @Override
  public boolean allows(T value) {
    return value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
  }
}
