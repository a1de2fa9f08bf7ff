package dev.isostream.core;

import dev.isostream.Producer;
import dev.isostream.ProducerBuilder;
import dev.isostream.Topic;
import dev.isostream.core.config.Problems;
import dev.isostream.core.config.ProducerDefaults;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.publish.Producers;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Collects a producer's settings over the configured ones. One thread only. */
final class DefaultProducerBuilder<T extends @Nullable Object> implements ProducerBuilder<T> {

  private final DefaultMessaging messaging;
  private final Topic<T> topic;
  private Duration deliveryTimeout;
  private Duration maxBlock;
  private int maxInFlightMessages;
  private long maxInFlightBytes;

  DefaultProducerBuilder(DefaultMessaging messaging, Topic<T> topic) {
    this.messaging = messaging;
    this.topic = topic;
    ProducerDefaults defaults = messaging.configuration().producer();
    this.deliveryTimeout = defaults.deliveryTimeout();
    this.maxBlock = defaults.maxBlock();
    this.maxInFlightMessages = defaults.maxInFlightMessages();
    this.maxInFlightBytes = defaults.maxInFlightBytes();
  }

  @Override
  public ProducerBuilder<T> deliveryTimeout(Duration timeout) {
    this.deliveryTimeout = Objects.requireNonNull(timeout, "timeout");
    return this;
  }

  @Override
  public ProducerBuilder<T> maxBlock(Duration limit) {
    this.maxBlock = Objects.requireNonNull(limit, "limit");
    return this;
  }

  @Override
  public ProducerBuilder<T> maxInFlightMessages(int messages) {
    this.maxInFlightMessages = messages;
    return this;
  }

  @Override
  public ProducerBuilder<T> maxInFlightBytes(long bytes) {
    this.maxInFlightBytes = bytes;
    return this;
  }

  @Override
  public Producer<T> open() {
    Problems problems = new Problems("The producer of topic \"" + topic.name() + "\"");
    problems.check(
        new ProducerDefaults(deliveryTimeout, maxBlock, maxInFlightMessages, maxInFlightBytes));
    problems.throwIfAny();
    ProducerSettings<T> settings =
        new ProducerSettings<>(
            topic, deliveryTimeout, maxBlock, maxInFlightMessages, maxInFlightBytes);
    return messaging.openProducer(() -> Producers.open(messaging.context(), settings));
  }
}
