package dev.isostream.kafka;

import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import java.util.List;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Deals records out to writers, which have one request in flight each: so on one broker one's
 * request is on its way while the other's is being confirmed.
 *
 * <p>A key always goes to one writer, by the partition that it had when the sink was opened, so its
 * order is one producer's (contract P2), also while partitions are added; and batches are those of
 * one writer for each partition, not halves. What has no key goes to the first writer.
 */
final class KafkaSink implements Sink {

  private final List<KafkaWriter> writers;
  private final int partitions;

  /**
   * @param writers none stays idle: there is a partition for each
   */
  KafkaSink(KafkaTopic topic, List<KafkaWriter> writers) {
    this.partitions = topic.partitions();
    this.writers = List.copyOf(writers);
  }

  /** How many writers a topic keeps busy. */
  static int writers(KafkaTopic topic) {
    return Math.min(2, topic.partitions());
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    for (SinkRecord record : records) {
      writers.get(writer(record.key())).append(record);
    }
  }

  private int writer(byte @Nullable [] key) {
    if (key == null || writers.size() == 1) {
      return 0;
    }
    return Utils.toPositive(Utils.murmur2(key)) % partitions % writers.size();
  }

  /**
   * The client holds nothing back for longer than linger.ms, and can't be hurried without waiting.
   */
  @Override
  public void hurry() {}

  @Override
  public void close() {
    writers.forEach(KafkaWriter::close);
  }
}
