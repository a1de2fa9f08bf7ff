package dev.isostream;

import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * Configuration in code. What is set here overrides system properties, environment and file.
 *
 * <p>Threads: confined to one thread.
 */
public interface MessagingBuilder {

  /** The backend's address, for example {@code kafka://host1:9092,host2:9092}. */
  MessagingBuilder address(String address);

  /**
   * Reads this file and no other. It must exist; its name ends in {@code .yaml}, {@code .yml},
   * {@code .properties} or {@code .json}.
   */
  MessagingBuilder file(Path file);

  /**
   * Sets one property by its full name without the prefix, for example {@code kafka.client.rack}.
   */
  MessagingBuilder property(String name, String value);

  /**
   * Where handlers run. Default: virtual threads where the JVM has them, else a pool that grows to
   * the concurrency asked for.
   */
  MessagingBuilder handlerExecutor(Executor executor);

  /** Told of everything members report, in addition to listeners of their own. */
  MessagingBuilder listener(MemberListener listener);

  /**
   * Checks everything and opens.
   *
   * <p>Fails: {@link ConfigurationException} that lists every problem at once (contract E2).
   */
  Messaging open();
}
