package dev.isostream.core;

import dev.isostream.MessagingBuilder;
import dev.isostream.MessagingProvider;

/** The implementation of the API; found through {@link java.util.ServiceLoader}. Stateless. */
public final class DefaultMessagingProvider implements MessagingProvider {

  /** For {@link java.util.ServiceLoader}. */
  public DefaultMessagingProvider() {}

  @Override
  public MessagingBuilder builder() {
    return new DefaultMessagingBuilder();
  }
}
