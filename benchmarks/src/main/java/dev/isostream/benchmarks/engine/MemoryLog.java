package dev.isostream.benchmarks.engine;

import dev.isostream.Codecs;
import dev.isostream.Exhausted;
import dev.isostream.Headers;
import dev.isostream.Messaging;
import dev.isostream.Ordering;
import dev.isostream.StartAt;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.Topic;
import dev.isostream.memory.MemoryBroker;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A topic in memory, full of messages that were there before anything is measured. */
final class MemoryLog implements AutoCloseable {

  static final int KEYS = 1000;
  private static final int PAYLOAD_BYTES = 100;
  private static final String TOPIC = "benchmark";

  private final MemoryBroker broker = MemoryBroker.named("benchmark");
  private final Messaging messaging = Messaging.open("memory://benchmark");
  private final Topic<byte[]> topic = Topic.of(TOPIC, Codecs.bytes());
  private final AtomicInteger groups = new AtomicInteger();

  MemoryLog(int messages) {
    messaging.topics().create(TOPIC, 1);
    byte[] payload = new byte[PAYLOAD_BYTES];
    byte[][] keys = new byte[KEYS][];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = ("key-" + i).getBytes(StandardCharsets.US_ASCII);
    }
    for (int i = 0; i < messages; i++) {
      broker.append(TOPIC, "0", keys[i % KEYS], payload, Headers.empty());
    }
  }

  Messaging messaging() {
    return messaging;
  }

  Topic<byte[]> topic() {
    return topic;
  }

  /** A name that no group had before. */
  String newGroup() {
    return "group-" + groups.incrementAndGet();
  }

  /** A member of a new group, reading from the start, in the order of the keys. */
  SubscriptionBuilder<byte[]> subscribe() {
    return messaging
        .subscribe(topic)
        .group(newGroup())
        .startAt(StartAt.earliest())
        .orderBy(Ordering.KEY)
        .whenExhausted(Exhausted.STOP);
  }

  @Override
  public void close() {
    messaging.close();
    broker.remove();
  }
}
