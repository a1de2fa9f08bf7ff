package dev.isostream;

import java.util.ServiceLoader;

/** How {@link Messaging#open()} finds its implementation. Not for application code. */
public interface MessagingProvider {

  /** Starts a new configuration. */
  MessagingBuilder builder();

  /**
   * Finds the implementation on the class path or module path.
   *
   * <p>Fails: {@link ConfigurationException} if {@code isostream-core} is missing.
   */
  static MessagingProvider find() {
    return ServiceLoader.load(MessagingProvider.class, MessagingProvider.class.getClassLoader())
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "No implementation of Isostream found: add an adapter, for example"
                        + " dev.isostream:isostream-kafka, to the class path."));
  }
}
