package dev.isostream.core.config;

import java.util.regex.Pattern;

/**
 * Text of a certain shape.
 *
 * @param allowed the shape in words
 */
record Text(Pattern pattern, String allowed) implements ValueType<String> {

  @Override
  public String parse(String text) {
    return text.strip();
  }

  @Override
  public String format(String value) {
    return value;
  }

  @Override
  public boolean allows(String value) {
    return pattern.matcher(value).matches();
  }
}
