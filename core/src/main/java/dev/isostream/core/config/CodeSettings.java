package dev.isostream.core.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What {@link dev.isostream.MessagingBuilder} was told. Immutable.
 *
 * @param file read in place of those that would be found
 * @param properties by full name
 */
public record CodeSettings(
    Optional<String> address, Optional<Path> file, Map<String, String> properties) {

  public CodeSettings {
    properties = Map.copyOf(properties);
  }

  /** Without values, which may be secrets. */
  @Override
  public String toString() {
    return "CodeSettings[file=" + file + ", properties=" + properties.keySet() + "]";
  }
}
