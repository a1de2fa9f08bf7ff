package dev.isostream.kafka;

import java.time.Duration;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.utils.Time;

/**
 * Notices that no broker answers a consumer that has asked: its poll just waits then, for ever and
 * without a word (contract E3). Confined to the consumer's owner.
 */
final class KafkaSilence {

  /** A member whose lanes are all paused hears of the broker by heartbeats alone. */
  private static final Duration BETWEEN_HEARTBEATS = Duration.ofSeconds(10);

  private final Metric responses;
  private final long limitMillis;
  private double seen = -1;
  private long silentMillis;
  private long begin;

  KafkaSilence(KafkaConsumer<?, ?> consumer, Duration requestTimeout) {
    this.responses = KafkaMetrics.find(consumer.metrics(), "consumer-metrics", "response-total");
    this.limitMillis = requestTimeout.plus(BETWEEN_HEARTBEATS).toMillis();
  }

  /** The owner starts to wait. */
  void begin() {
    begin = Time.SYSTEM.milliseconds();
  }

  /**
   * The owner has waited.
   *
   * @return whether it has, in all, waited too long without an answer; then it starts over
   */
  boolean end() {
    double now = KafkaMetrics.value(responses);
    silentMillis = now == seen ? silentMillis + Time.SYSTEM.milliseconds() - begin : 0;
    seen = now;
    if (silentMillis <= limitMillis) {
      return false;
    }
    silentMillis = 0;
    return true;
  }
}
