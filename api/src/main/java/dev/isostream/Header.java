package dev.isostream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One header. Names may repeat, and differ in case only (contract P6).
 *
 * @param name any text, not empty
 * @param value any bytes, or absent; not copied, must not be changed
 */
public record Header(String name, byte @Nullable [] value) {

  public Header {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty()) {
      throw new InvalidRequestException("A header's name must not be empty.");
    }
  }

  /** A header whose value is text in UTF-8. */
  public static Header of(String name, String value) {
    return new Header(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The value as UTF-8 text (malformed bytes replaced), or null where it has none. */
  public @Nullable String text() {
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Header that
        && name.equals(that.name)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(value);
  }

  /** The name and the value's size; values may be secrets. */
  @Override
  public String toString() {
    return name + "=" + (value == null ? "null" : value.length + " B");
  }
}
