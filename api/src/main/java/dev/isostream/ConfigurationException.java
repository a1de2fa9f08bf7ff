package dev.isostream;

import org.jspecify.annotations.Nullable;

/**
 * Settings that can't be used: each problem names the property, the value and what is allowed
 * (contract E2).
 */
public final class ConfigurationException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public ConfigurationException(String message) {
    this(message, null);
  }

  public ConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause, false);
  }
}
