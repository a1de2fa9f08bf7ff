package dev.isostream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link Producer}. Confined to one thread.
 *
 * <p>Durations are positive.
 */
public interface ProducerBuilder<T extends @Nullable Object> {

  /** How long a send may stay undecided, retries included. Default 2 minutes (contract P3). */
  ProducerBuilder<T> deliveryTimeout(Duration timeout);

  /** How long {@code send} may wait for room in flight. Default 1 minute (contract P5). */
  ProducerBuilder<T> maxBlock(Duration limit);

  /** The most messages in flight. Default 100,000 (contract P5). */
  ProducerBuilder<T> maxInFlightMessages(int messages);

  /** The most bytes in flight, keys and headers included. Default 32 MiB (contract P5). */
  ProducerBuilder<T> maxInFlightBytes(long bytes);

  /**
   * Opens the producer.
   *
   * <p>Blocks: until the topic is known to exist, at most {@code maxBlock} or the request timeout;
   * as long a broker that can't be reached is tried again.
   *
   * <p>Fails: {@link TopicNotFoundException}, {@link AuthenticationException}, {@link
   * AuthorizationException}, {@link SecureConnectionException} or {@link
   * BrokerUnavailableException} (contract E3); {@link ConfigurationException}.
   */
  Producer<T> open();
}
